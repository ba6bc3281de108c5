#include "tests/sim/decisions/range.hpp"

#include <bit>

namespace bisectd::simulate {

std::size_t count(const CommitSet& set) {
    std::size_t sum = 0;
    for (const std::uint64_t word : set) sum += std::popcount(word);
    return sum;
}

Range::Range(History history) : history_(std::move(history)) {
    ancestors_.assign(size(), none());
    first_child_.resize(size());
    for (CommitIndex commit = 0; commit < size(); ++commit) first_child_[commit] = commit;
    for (CommitIndex commit = 0; commit < size(); ++commit) {
        CommitSet& own = ancestors_[commit];
        insert(own, commit);
        for (const CommitIndex parent : history_.parents(commit)) {
            for (std::size_t word = 0; word <= parent / 64; ++word)
                own[word] |= ancestors_[parent][word];
            if (first_child_[parent] == parent) first_child_[parent] = commit;
        }
    }
}

}  // namespace bisectd::simulate
