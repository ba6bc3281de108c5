#include "tests/sim/world.hpp"

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

unsigned* Faults::counter(Fault fault) {
    switch (fault) {
        case Fault::boot_hangs:
            return &hanging_boots;
        case Fault::boot_panics:
            return &panicking_boots;
        case Fault::kernel_forgotten:
            return &forgotten_kernels;
        case Fault::kernel_wrong:
            return &wrong_kernels;
        case Fault::precondition_unmet:
            return &unmet_preconditions;
        case Fault::upload_corrupted:
            return &failing_uploads;
        case Fault::power_refuses:
            return &failing_power_cycles;
        case Fault::boot_folder_full:
            return &full_boot_folders;
        case Fault::builder_out_of_memory:
            return &failing_builds;
        default:
            return nullptr;
    }
}

bool Faults::use(Fault fault) {
    unsigned* const left = counter(fault);
    return left != nullptr && *left != 0 && (*left)-- != 0;
}

bool World::strikes(Fault fault, const std::string& where) {
    return faults.use(fault) || mischief.strikes(fault, where);
}

void World::disk_may_fill(const std::string& where) {
    if (!strikes(Fault::disk_fills, where)) return;
    Chance& chance = mischief.chance();
    disk.free = chance.one_in(2) ? 0 : chance.draw() % disk.floor;
}

Story World::story(const std::string& repository) const {
    const auto found = stories.find(repository);
    if (found != stories.end()) return found->second;
    return Story{0, static_cast<unsigned>(parents.size() - 1), recipe};
}

const Recipe* World::find_recipe(const std::string& name) const {
    if (name == recipe.name || name == recipe.folder) return &recipe;
    for (const auto& [repository, story] : stories)
        if (name == story.recipe.name || name == story.recipe.folder) return &story.recipe;
    return nullptr;
}

bool World::has_bug(unsigned commit) const {
    std::set<unsigned> seen;
    std::vector<unsigned> next{commit};
    while (!next.empty()) {
        const unsigned now = next.back();
        next.pop_back();
        if (now == culprit) return true;
        if (!seen.insert(now).second) continue;
        next.insert(next.end(), parents[now].begin(), parents[now].end());
    }
    return false;
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
    if (take_back) {
        take_back(reverted, without);
        return without;
    }
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
