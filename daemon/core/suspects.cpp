#include "core/suspects.hpp"

#include <algorithm>
#include <cstdint>

#include "core/weights.hpp"

namespace bisectd {
namespace {

/// Flags each of `tips` and its ancestors: one sweep for all of them.
std::vector<bool> ancestors_of_any(const History& history, const std::vector<CommitIndex>& tips) {
    std::vector<bool> reached(history.size(), false);
    for (CommitIndex tip : tips) reached[tip] = true;
    for (CommitIndex i = history.size(); i-- > 0;) {
        if (!reached[i]) continue;
        for (CommitIndex parent : history.parents(i)) reached[parent] = true;
    }
    return reached;
}

}  // namespace

std::vector<bool> suspects(const History& history, const Evidence& evidence) {
    if (history.size() == 0) return {};
    std::vector<CommitIndex> bad = evidence.bad;
    if (bad.empty()) bad.push_back(history.size() - 1);
    std::sort(bad.begin(), bad.end());
    bad.erase(std::unique(bad.begin(), bad.end()), bad.end());

    const std::vector<bool> good = ancestors_of_any(history, evidence.good);
    for (CommitIndex commit : bad)
        if (good[commit]) return {};

    std::vector<bool> left(history.size(), true);
    for (CommitIndex commit : bad) {
        const std::vector<bool> reached = history.ancestors_of(commit);
        for (CommitIndex i = 0; i < history.size(); ++i) left[i] = left[i] && reached[i];
    }
    bool any = false;
    for (CommitIndex i = 0; i < history.size(); ++i) {
        left[i] = left[i] && !good[i];
        any = any || left[i];
    }
    if (!any) return {};
    return left;
}

std::vector<CommitIndex> possible_culprits(const History& history,
                                           const std::vector<bool>& suspects) {
    std::vector<CommitIndex> culprits;
    for (CommitIndex i = 0; i < suspects.size(); ++i)
        if (suspects[i] && history.counted(i)) culprits.push_back(i);
    return culprits;
}

std::optional<CommitIndex> halving_candidate(const History& history,
                                             const std::vector<bool>& suspects,
                                             const Evidence& evidence) {
    const std::vector<CommitIndex> culprits = possible_culprits(history, suspects);
    if (culprits.size() < 2) return std::nullopt;
    std::vector<bool> known(history.size(), false);
    for (CommitIndex commit : evidence.skip) known[commit] = true;
    for (CommitIndex commit : evidence.bad) known[commit] = true;

    const std::vector<std::uint32_t> weight = weights(history, suspects);
    const std::size_t n = culprits.size();
    std::optional<CommitIndex> best;
    std::size_t best_distance = 0;
    for (CommitIndex commit : culprits) {
        if (known[commit]) continue;
        const std::size_t distance = std::min<std::size_t>(weight[commit], n - weight[commit]);
        if (distance == 0) continue;
        const bool better = !best || distance > best_distance ||
                            (distance == best_distance && history.id(commit) < history.id(*best));
        if (!better) continue;
        best = commit;
        best_distance = distance;
    }
    return best;
}

}  // namespace bisectd
