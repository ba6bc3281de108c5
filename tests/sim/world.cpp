#include "tests/sim/world.hpp"

#include <algorithm>

namespace bisectd::sim {
namespace {

std::string padded(unsigned number) {
    const std::string digits = std::to_string(number);
    return std::string(40 - digits.size(), '0') + digits;
}

Recipe usual_recipe() {
    Recipe recipe;
    recipe.name = "usual";
    recipe.title = "The usual bug";
    recipe.folder = "recipes/usual";
    recipe.digest = "digest";
    recipe.reproducer.files = {"reproducer"};
    recipe.boot.deadline = std::chrono::seconds(120);
    Symptom symptom;
    symptom.name = "usual";
    symptom.command = "./reproducer";
    symptom.runs = 5;
    symptom.kernel_log_pattern = "the symptom";
    recipe.symptoms.push_back(symptom);
    return recipe;
}

}  // namespace

CommitId id_of(unsigned commit) {
    return CommitId::parse(padded(commit)).value();
}

unsigned number_of(const CommitId& id) {
    return static_cast<unsigned>(std::stoul(id.hex()));
}

World World::line(unsigned last, unsigned culprit) {
    World world;
    world.parents.emplace_back();
    for (unsigned commit = 1; commit <= last; ++commit) world.parents.push_back({commit - 1});
    world.culprit = culprit;
    world.recipe = usual_recipe();
    return world;
}

bool World::has_bug(unsigned commit) const {
    if (commit == culprit) return true;
    return std::ranges::any_of(parents[commit],
                               [this](unsigned parent) { return has_bug(parent); });
}

unsigned World::content_of(unsigned commit) const {
    if (!touches_build) return commit;
    while (!parents[commit].empty() && !touches_build(commit)) commit = parents[commit].front();
    return commit;
}

Kernel World::kernel_without(unsigned commit, unsigned reverted) const {
    Kernel without = kernel(commit);
    without.release += "p" + std::to_string(reverted);
    without.build_id.front() = 'a';
    if (reverted != culprit) return without;
    without.run = [](unsigned) { return RunStory{}; };
    without.run_of = {};
    return without;
}

Kernel World::kernel(unsigned commit) const {
    Kernel kernel;
    kernel.release = "6.0.0-bisect-c" + std::to_string(commit) + "-";
    kernel.build_id = "b" + padded(commit).substr(1);
    // The symptom shows in the third run.
    const bool bad = has_bug(commit);
    kernel.run = [bad](unsigned run) {
        RunStory story;
        story.exit = bad && run == 3 ? 1 : 0;
        return story;
    };
    if (changes) changes(commit, kernel);
    return kernel;
}

}  // namespace bisectd::sim
