#include "core/history.hpp"

#include "core/error.hpp"

namespace bisectd {

History::History(std::vector<Commit> commits) : commits_(std::move(commits)) {
    index_.reserve(commits_.size());
    for (CommitIndex i = 0; i < size(); ++i) {
        for (CommitIndex parent : commits_[i].parents) BISECTD_ASSERT(parent < i);
        BISECTD_ASSERT(index_.emplace(commits_[i].id, i).second);
    }
}

std::optional<CommitIndex> History::find(const CommitId& id) const {
    const auto found = index_.find(id);
    if (found == index_.end()) return std::nullopt;
    return found->second;
}

std::vector<bool> History::ancestors_of(CommitIndex tip) const {
    std::vector<bool> reached(size(), false);
    reached[tip] = true;
    for (CommitIndex i = tip + 1; i-- > 0;) {
        if (!reached[i]) continue;
        for (CommitIndex parent : commits_[i].parents) reached[parent] = true;
    }
    return reached;
}

}  // namespace bisectd
