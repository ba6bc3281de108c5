#pragma once
#include <random>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "tests/core/random_history.hpp"

namespace bisectd::test {

/// A chain of `size` commits; commit i has the id i.
inline History chain(unsigned size) {
    std::vector<std::vector<CommitIndex>> parents(size);
    for (CommitIndex i = 1; i < size; ++i) parents[i] = {i - 1};
    return history_of(parents);
}

/// A question with one column and one idle board; the outside is built.
inline engine::Question one_board() {
    engine::Question question;
    question.columns.resize(1);
    question.boards.resize(1);
    question.boards[0].columns = {0};
    question.costs.outside_built = {true};
    return question;
}

/// Random showings, as a real culprit or none makes them.
inline std::vector<engine::Showing> random_showings(std::mt19937& chance, CommitIndex size,
                                                    unsigned most) {
    std::vector<engine::Showing> showings;
    for (unsigned left = chance() % (most + 1); left > 0; --left) {
        const std::uint64_t runs = 1 + chance() % 30;
        const std::uint64_t hits = chance() % 2 == 0 ? 0 : chance() % (runs + 1);
        const bool outside = chance() % 10 == 0;
        showings.push_back(
            {{outside ? 0 : static_cast<CommitIndex>(chance() % size), outside}, runs, hits});
    }
    return showings;
}

}  // namespace bisectd::test
