#pragma once
#include <random>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "lab.hpp"

namespace bisectd::test {

/// Whether some commits are dated before their parents. `git rev-list` walks by date: when dates
/// lie it lists commits that a good end has, too many for a comparison.
enum class Dates { honest, lying };

/// Many random histories in one repository, each a root of its own with the tip
/// `refs/heads/hN`. Commits change some of the files `a`, `b` and `d/c`, or nothing.
struct HistoriesRepo {
    struct One {
        History shape;              ///< as it was drawn; ids are numbers
        std::vector<CommitId> ids;  ///< by index, as git made them
    };
    std::vector<One> histories;

    /// Fills `folder`, an empty repository, at once with `git fast-import`.
    HistoriesRepo(const std::string& folder, const std::string& scratch, std::mt19937& chance,
                  unsigned count, Dates dates);
};

}  // namespace bisectd::test
