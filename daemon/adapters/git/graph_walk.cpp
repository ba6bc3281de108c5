#include <algorithm>
#include <limits>
#include <queue>

#include "adapters/git/commit_graph.hpp"

namespace bisectd::git {
namespace {

using Position = CommitGraph::Position;

constexpr std::uint8_t from_bad = 1, from_good = 2, queued = 4;

/// Colours what the ends reach, highest level first: when a commit is taken from the queue, all
/// its descendants were, so its colour is final. Ends when no commit of bad alone is waiting.
class Painter {
  public:
    explicit Painter(const CommitGraph& graph) : graph_(graph), colour_(graph.size(), 0) {}

    void start(Position position, std::uint8_t colour) { add(position, colour); }

    /// The commits that only `bad` reaches. Errors: nothing when the graph is damaged.
    std::optional<std::vector<Position>> paint(bool first_parent) {
        std::vector<Position> range;
        std::vector<Position> parents;
        while (waiting_bad_ > 0) {
            const Position position = queue_.top().second;
            queue_.pop();
            const bool good = (colour_[position] & from_good) != 0;
            if (!good) {
                --waiting_bad_;
                range.push_back(position);
            }
            if (!graph_.parents(position, parents)) return std::nullopt;
            if (!good && first_parent && parents.size() > 1) parents.resize(1);
            for (Position parent : parents) add(parent, good ? from_good : from_bad);
        }
        return range;
    }

  private:
    void add(Position position, std::uint8_t colour) {
        const std::uint8_t before = colour_[position];
        colour_[position] = static_cast<std::uint8_t>(before | colour | queued);
        const bool was_bad = (before & queued) != 0 && (before & from_good) == 0;
        const bool is_bad = (colour_[position] & from_good) == 0;
        if (is_bad && !was_bad) ++waiting_bad_;
        if (was_bad && !is_bad) --waiting_bad_;
        if ((before & queued) == 0) queue_.emplace(graph_.level(position), position);
    }

    const CommitGraph& graph_;
    std::vector<std::uint8_t> colour_;
    std::priority_queue<std::pair<std::uint32_t, Position>> queue_;
    std::size_t waiting_bad_ = 0;
};

/// The commits of `range` (graph positions) as a history, in depth-first order from `bad`.
std::optional<std::vector<History::Commit>> depth_first(const CommitGraph& graph, Position bad,
                                                        const std::vector<Position>& range,
                                                        bool first_parent) {
    constexpr CommitIndex outside = std::numeric_limits<CommitIndex>::max();
    constexpr CommitIndex unseen = outside - 1, open = outside - 2;
    std::vector<CommitIndex> index(graph.size(), outside);
    for (Position position : range) index[position] = unseen;
    struct Visit {
        Position position;
        std::vector<Position> parents;
        std::size_t next = 0;
    };
    std::vector<History::Commit> commits;
    commits.reserve(range.size());
    std::vector<Visit> stack;
    const auto enter = [&](Position position) {
        Visit visit{position, {}, 0};
        if (!graph.parents(position, visit.parents)) return false;
        if (first_parent && visit.parents.size() > 1) visit.parents.resize(1);
        index[position] = open;
        stack.push_back(std::move(visit));
        return true;
    };
    if (!enter(bad)) return std::nullopt;
    while (!stack.empty()) {
        Visit& visit = stack.back();
        if (visit.next < visit.parents.size()) {
            const Position parent = visit.parents[visit.next++];
            if (index[parent] == unseen && !enter(parent)) return std::nullopt;
            continue;
        }
        History::Commit commit{graph.id(visit.position), {}, true};
        for (Position parent : visit.parents)
            if (index[parent] != outside) commit.parents.push_back(index[parent]);
        index[visit.position] = static_cast<CommitIndex>(commits.size());
        commits.push_back(std::move(commit));
        stack.pop_back();
    }
    return commits;
}

}  // namespace

std::optional<std::vector<History::Commit>> range_of(const CommitGraph& graph, const CommitId& bad,
                                                     const std::vector<CommitId>& good,
                                                     bool first_parent) {
    const std::optional<Position> tip = graph.find(bad);
    if (!tip) return std::nullopt;
    Painter painter(graph);
    painter.start(*tip, from_bad);
    for (const CommitId& id : good) {
        const std::optional<Position> end = graph.find(id);
        if (!end) return std::nullopt;
        painter.start(*end, from_good);
    }
    const auto range = painter.paint(first_parent);
    if (!range || range->empty()) return std::nullopt;
    return depth_first(graph, *tip, *range, first_parent);
}

std::optional<bool> reaches_any(const CommitGraph& graph, const CommitId& tip,
                                const std::vector<CommitId>& wanted) {
    const std::optional<Position> start = graph.find(tip);
    if (!start) return std::nullopt;
    std::vector<bool> sought(graph.size(), false);
    std::uint32_t lowest = std::numeric_limits<std::uint32_t>::max();
    for (const CommitId& id : wanted) {
        const std::optional<Position> position = graph.find(id);
        if (!position) continue;
        sought[*position] = true;
        lowest = std::min(lowest, graph.level(*position));
    }
    std::vector<bool> seen(graph.size(), false);
    std::vector<Position> waiting{*start}, parents;
    seen[*start] = true;
    while (!waiting.empty()) {
        const Position position = waiting.back();
        waiting.pop_back();
        if (sought[position]) return true;
        if (!graph.parents(position, parents)) return std::nullopt;
        for (Position parent : parents) {
            if (seen[parent] || graph.level(parent) < lowest) continue;
            seen[parent] = true;
            waiting.push_back(parent);
        }
    }
    return false;
}

}  // namespace bisectd::git
