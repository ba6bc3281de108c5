#pragma once
#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/history.hpp"

namespace bisectd::test {

/// An id made of a number, so that tests can name commits.
inline CommitId id_of(unsigned number) {
    std::string hex = std::to_string(number);
    hex.insert(0, 40 - hex.size(), '0');
    return *CommitId::parse(hex);
}

/// A history from lists of parents; commit i has the id i.
inline History history_of(std::vector<std::vector<CommitIndex>> parents) {
    std::vector<History::Commit> commits;
    for (unsigned i = 0; i < parents.size(); ++i)
        commits.push_back({id_of(i), std::move(parents[i]), true});
    return History(std::move(commits));
}

/// Any shape that git allows: several roots, octopus and criss-cross merges, long chains; the
/// last commit joins all tips. `uncounted`: chance of a commit that a path limit leaves out.
inline History random_history(std::mt19937& chance, unsigned size, double uncounted = 0) {
    const auto one_in = [&chance](unsigned n) { return chance() % n == 0; };
    const unsigned merges = 2 + chance() % 20;
    const unsigned window = 1 + chance() % 40;
    std::vector<History::Commit> commits;
    std::vector<bool> has_child(size, false);
    for (unsigned i = 0; i < size; ++i) {
        History::Commit commit{
            id_of(i), {}, std::uniform_real_distribution<>()(chance) >= uncounted};
        std::vector<CommitIndex>& parents = commit.parents;
        if (i + 1 == size) {
            for (unsigned tip = 0; tip < i; ++tip)
                if (!has_child[tip]) parents.push_back(tip);
        } else if (i > 0 && !one_in(50)) {
            const unsigned wanted = one_in(merges) ? 2 + (one_in(5) ? chance() % 4 : 0) : 1;
            for (unsigned k = 0; k < wanted; ++k)
                parents.push_back(k == 0 && !one_in(8) ? i - 1
                                                       : i - 1 - chance() % std::min(i, window));
            std::sort(parents.begin(), parents.end());
            parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
        }
        for (CommitIndex parent : parents) has_child[parent] = true;
        commits.push_back(std::move(commit));
    }
    return History(std::move(commits));
}

}  // namespace bisectd::test
