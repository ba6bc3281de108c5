// A commit-graph file lies in a mirror's folder, where a failing disk or a hostile hand may have
// changed it. Beyond not crashing and ending: every commit is found under its id, and a range has
// parents before their children.
#include "adapters/git/commit_graph.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;
using git::CommitGraph;

namespace {

void check_parents(const CommitGraph& graph) {
    std::vector<CommitGraph::Position> parents;
    for (CommitGraph::Position at = 0; at < graph.size(); ++at) {
        if (!graph.parents(at, parents)) continue;
        for (const CommitGraph::Position parent : parents) {
            BISECTD_ASSERT(parent < graph.size());
            BISECTD_ASSERT(graph.level(parent) < graph.level(at));
        }
    }
}

void check_range(const CommitGraph& graph, const CommitId& bad, const CommitId& good) {
    for (const bool first_parent : {false, true}) {
        const auto range = git::range_of(graph, bad, {good}, first_parent);
        if (!range) continue;
        BISECTD_ASSERT(!range->empty() && range->size() <= graph.size());
        BISECTD_ASSERT(range->back().id == bad);
        for (std::size_t at = 0; at < range->size(); ++at)
            for (const CommitIndex parent : (*range)[at].parents) BISECTD_ASSERT(parent < at);
    }
    static_cast<void>(git::reaches_any(graph, bad, {good}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::ScratchFolder folder;
    folder.write("commit-graph", fuzz::text_of(data, size));
    const auto graph = CommitGraph::open(folder.path("commit-graph"));
    if (!graph || graph->size() == 0) return 0;
    BISECTD_ASSERT(graph->size() <= size / 36);
    check_parents(*graph);
    for (CommitGraph::Position at = 0; at < graph->size(); ++at) {
        // Ids out of order hide some, but none is found in another's place.
        const auto found = graph->find(graph->id(at));
        if (found) BISECTD_ASSERT(graph->id(*found) == graph->id(at));
    }
    check_range(*graph, graph->id(graph->size() - 1), graph->id(0));
    check_range(*graph, graph->id(0), graph->id(graph->size() - 1));
    check_range(*graph, graph->id(graph->size() / 2), graph->id(graph->size() / 2));
    return 0;
}
