#include "tests/sim/farm/plot.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "core/error.hpp"

namespace bisectd::sim {
namespace {

/// Longest history, without its ends.
constexpr unsigned longest_history = 40;

void add_commits(World& world, Chance& chance, Plot& plot) {
    const unsigned length = 3 + chance.below(longest_history - 2);
    const bool merges = chance.one_in(3);
    plot.good = static_cast<unsigned>(world.parents.size());
    plot.bad = plot.good + length;
    world.parents.emplace_back();
    std::set<unsigned> heads{plot.good};
    for (unsigned commit = plot.good + 1; commit <= plot.bad; ++commit) {
        std::vector<unsigned> parents{*heads.rbegin()};
        const bool last = commit == plot.bad;
        if (merges && heads.size() > 1 && (last || chance.one_in(3)))
            parents.push_back(*heads.begin());
        // A second line of development starts at an older commit.
        const bool forks = merges && !last && heads.size() == 1 && commit > plot.good + 2;
        if (forks && chance.one_in(3)) {
            parents = {plot.good + chance.below(commit - plot.good - 1)};
        } else {
            heads.erase(parents.front());
        }
        if (parents.size() > 1) heads.erase(parents.back());
        heads.insert(commit);
        world.parents.push_back(std::move(parents));
    }
}

std::vector<bool> descendants_of(const World& world, const Plot& plot, unsigned commit) {
    std::vector<bool> found(plot.bad - plot.good + 1, false);
    for (unsigned at = plot.good; at <= plot.bad; ++at) {
        found[at - plot.good] =
            at == commit || std::ranges::any_of(world.parents[at], [&](unsigned parent) {
                return found[parent - plot.good];
            });
    }
    return found;
}

Shape draw_shape(const World& world, Chance& chance, bool truthful) {
    if (chance.one_in(6)) return Shape::no_kernel;
    if (truthful) return chance.one_in(2) ? Shape::board_freezes : Shape::boot_fails;
    return world.has_console && chance.one_in(8) ? Shape::board_panics : Shape::run_fails;
}

void add_bugs(const World& world, Chance& chance, Plot& plot) {
    // A kernel that does not come up shows nothing of a second bug.
    const bool two = plot.shape != Shape::boot_fails && chance.one_in(5);
    plot.symptoms =
        two ? std::vector<std::string>{"crash", "leak"} : std::vector<std::string>{"crash"};
    const bool wrong_range = !two && chance.one_in(14);
    for (std::size_t i = 0; i < plot.symptoms.size(); ++i) {
        if (wrong_range) {
            plot.culprits.emplace_back();
            const bool everywhere = chance.one_in(2);
            plot.bugs.emplace_back(plot.bad - plot.good + 1, everywhere);
            continue;
        }
        const auto culprit = plot.good + 1 + chance.below(plot.bad - plot.good);
        std::vector<bool> bugs = descendants_of(world, plot, culprit);
        BISECTD_ASSERT(bugs.back());  // every line is merged in the end
        plot.culprits.emplace_back(culprit);
        plot.bugs.push_back(std::move(bugs));
    }
    const bool by_exit = plot.shape == Shape::run_fails || plot.shape == Shape::no_kernel;
    plot.hit_in = by_exit && chance.one_in(6) ? 2 + chance.below(2) : 1;
}

bool bug_anywhere(const Plot& plot, std::size_t place) {
    return std::ranges::any_of(plot.bugs,
                               [place](const std::vector<bool>& bugs) { return bugs[place]; });
}

void add_hitches(Chance& chance, Plot& plot) {
    const std::size_t size = plot.bad - plot.good + 1;
    plot.hitches.assign(size, Hitch::none);
    plot.touches.assign(size, true);
    const unsigned rarity = chance.one_in(2) ? 1000 : 4 + chance.below(12);
    const bool words = chance.one_in(3);
    for (std::size_t place = 0; place < size; ++place) {
        const bool end = place == 0 || place + 1 == size;
        if (chance.one_in(end ? 40 : rarity))
            plot.hitches[place] = static_cast<Hitch>(1 + chance.below(6));
        // A commit with the bug has the feature that shows it.
        if (plot.hitches[place] == Hitch::not_applicable && bug_anywhere(plot, place))
            plot.hitches[place] = Hitch::other_bug;
        // Whoever hunts kernels that do not come up means these as well.
        if (plot.shape == Shape::boot_fails && plot.hitches[place] != Hitch::none)
            plot.hitches[place] = Hitch::breaks_build;
    }
    for (std::size_t place = 1; words && place < size; ++place) {
        const unsigned commit = plot.good + static_cast<unsigned>(place);
        const bool culprit = std::ranges::find(plot.culprits, commit) != plot.culprits.end();
        if (culprit || !chance.one_in(4)) continue;
        plot.touches[place] = false;
    }
}

Recipe make_recipe(Chance& chance, const Plot& plot) {
    Recipe recipe;
    recipe.name = "recipe-" + plot.repository;
    recipe.title = "The bug of " + plot.repository;
    recipe.folder = "recipes/" + recipe.name;
    recipe.digest = "digest";
    recipe.reproducer.files = {"reproducer"};
    if (chance.one_in(3)) recipe.reproducer.preconditions = {"test -e /dev/thing"};
    if (!plot.boots()) {
        recipe.build.kind = BuildKind::command;
        recipe.build.command = "make";
        recipe.build.artefacts = {"image"};
    }
    recipe.boot.deadline = std::chrono::seconds(120);
    if (plot.shape == Shape::boot_fails) recipe.boot.on_failure = OnBootFailure::bad;
    recipe.revert_proof = !chance.one_in(4);
    for (const std::string& name : plot.symptoms) {
        Symptom symptom;
        symptom.name = name;
        symptom.command = "./reproducer " + name;
        symptom.runs = chance.one_in(3) ? 0 : 5 + chance.below(10);
        symptom.kernel_log_pattern = chance.one_in(2) ? "the symptom" : "";
        symptom.stop_at_first_hit = !chance.one_in(4);
        symptom.never_by_chance = chance.one_in(4);
        symptom.on_hang = chance.one_in(4) ? OnHang::skip : OnHang::retry;
        if (plot.shape == Shape::board_freezes) symptom.on_hang = OnHang::bad;
        if (plot.shape == Shape::board_panics) symptom.kernel_log_pattern = "the symptom";
        recipe.symptoms.push_back(std::move(symptom));
    }
    return recipe;
}

std::string symptom_in(const std::string& command) {
    return command.substr(command.rfind(' ') + 1);
}

/// The commit whose tree is built: one that touches nothing builds what its first parent builds.
unsigned tree_of(const World& world, const Plot& plot, unsigned commit) {
    while (commit != plot.good && !plot.touches[commit - plot.good])
        commit = world.parents[commit].front();
    return commit;
}

/// Runs made of each commit's bugs so far, whoever asked for them.
using RunsMade = std::map<std::pair<unsigned, std::size_t>, unsigned>;

RunStory run_of(const Plot& plot, unsigned commit, const std::string& command, RunsMade& made) {
    RunStory story;
    if (plot.hitch(commit) == Hitch::other_bug) story.exit = 2;
    if (plot.hitch(commit) == Hitch::not_applicable) story.exit = 77;
    if (story.exit != 0) return story;
    const std::size_t symptom = plot.index_of(symptom_in(command));
    if (!plot.has_bug(symptom, commit)) return story;
    if (++made[{commit, symptom}] % plot.hit_in != 0) return story;
    if (plot.shape == Shape::board_freezes) {
        story.death = Death::freeze;
    } else if (plot.shape == Shape::board_panics) {
        story.death = Death::panic;
        story.last_words = "BUG: the symptom; Kernel panic - not syncing";
    } else {
        story.exit = 1;
    }
    return story;
}

BootStory boot_of(const Plot& plot, unsigned commit) {
    switch (plot.hitch(commit)) {
        case Hitch::hangs:
            return BootStory::hangs;
        case Hitch::panics:
            return BootStory::panics;
        case Hitch::no_network:
            return BootStory::no_network;
        default:
            break;
    }
    const bool fails = plot.shape == Shape::boot_fails && plot.has_bug(0, commit);
    if (!fails) return BootStory::comes_up;
    return plot.good % 2 == 0 ? BootStory::hangs : BootStory::panics;
}

}  // namespace

const Plot* plot_of(const Plots& plots, unsigned commit) {
    const auto found =
        std::ranges::find_if(plots, [commit](const Plot& plot) { return plot.has(commit); });
    return found == plots.end() ? nullptr : &*found;
}

const Plot* plot_of(const Plots& plots, const std::string& repository) {
    const auto found = std::ranges::find(plots, repository, &Plot::repository);
    return found == plots.end() ? nullptr : &*found;
}

std::size_t Plot::index_of(const std::string& symptom) const {
    const auto found = std::ranges::find(symptoms, symptom);
    BISECTD_ASSERT(found != symptoms.end());
    return static_cast<std::size_t>(found - symptoms.begin());
}

Plot make_plot(World& world, Chance& chance, unsigned number, bool truthful) {
    Plot plot;
    plot.shape = draw_shape(world, chance, truthful);
    plot.repository = "tree-" + std::to_string(number);
    add_commits(world, chance, plot);
    add_bugs(world, chance, plot);
    add_hitches(chance, plot);
    // What touches nothing has its parent's bugs and hitches.
    for (unsigned commit = plot.good + 1; commit <= plot.bad; ++commit) {
        const unsigned tree = tree_of(world, plot, commit);
        if (tree == commit) continue;
        bool same = true;
        for (const std::vector<bool>& bugs : plot.bugs)
            same = same && bugs[commit - plot.good] == bugs[tree - plot.good];
        if (same)
            plot.hitches[commit - plot.good] = plot.hitches[tree - plot.good];
        else
            plot.touches[commit - plot.good] = true;  // a merge that joins a bug
    }
    world.stories[plot.repository] = Story{plot.good, plot.bad, make_recipe(chance, plot)};
    return plot;
}

void play(World& world, const Plots& plots) {
    world.touches_build = [&plots](unsigned commit) {
        const Plot* const plot = plot_of(plots, commit);
        return plot == nullptr || plot->touches[commit - plot->good];
    };
    world.builds = [&plots](unsigned commit) {
        const Plot* const plot = plot_of(plots, commit);
        return plot == nullptr || plot->hitch(commit) != Hitch::breaks_build;
    };
    world.changes = [&plots, made = std::make_shared<RunsMade>()](unsigned commit, Kernel& kernel) {
        const Plot* const plot = plot_of(plots, commit);
        if (plot == nullptr) return;
        kernel.boot = boot_of(*plot, commit);
        kernel.run_of = [plot, commit, made](const std::string& command) {
            return run_of(*plot, commit, command, *made);
        };
    };
    world.take_back = [&plots](unsigned reverted, Kernel& kernel) {
        const Plot* const plot = plot_of(plots, reverted);
        if (plot == nullptr) return;
        if (plot->shape == Shape::boot_fails && plot->culprits.front() == reverted)
            kernel.boot = BootStory::comes_up;
        const auto before = kernel.run_of;
        kernel.run_of = [plot, reverted, before](const std::string& command) {
            const std::size_t symptom = plot->index_of(symptom_in(command));
            return plot->culprits[symptom] == reverted ? RunStory{} : before(command);
        };
    };
}

}  // namespace bisectd::sim
