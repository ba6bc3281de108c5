#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisectd {

/// Number of a bisection; 1 is the first. 0 means "none".
using BisectionId = std::uint64_t;

/// Source: enough to tell what is urgent from what may wait, few enough to compare.
constexpr int least_priority = -10, most_priority = 10;

/// What a person asked for with `bisectctl start`.
struct StartRequest {
    std::string repository;  ///< path of the user's clone, never changed
    std::string bad;
    std::vector<std::string> good;
    std::string recipe;
    std::string board;
    bool first_parent = false;
    std::vector<std::string> paths;
    std::string title;
    std::vector<std::string> more_boards;  ///< share the bisection with `board`
    std::vector<std::string> hints;        ///< commits named in advance as likely
    /// Failures and runs that the user has seen at the bad end; 0, 0: none said.
    std::uint64_t seen_failures = 0, seen_runs = 0;
    bool trust_ends = false;   ///< the ends are believed without being tested
    double confidence = 0.95;  ///< asked for before a suspect is named
    /// In the format of `git bisect log`: verdicts that are taken over. Hostile text.
    std::string replay;
    /// Where several bisections want a board or the builder: more is served first, equals take
    /// turns. Between `least_priority` and `most_priority`.
    int priority = 0;

    /// All boards, the first one first.
    std::vector<std::string> boards() const {
        std::vector<std::string> all{board};
        all.insert(all.end(), more_boards.begin(), more_boards.end());
        return all;
    }

    template <class V>
    static void fields(V&& visit, auto& self) {
        visit("repository", self.repository);
        visit("bad", self.bad);
        visit("good", self.good);
        visit("recipe", self.recipe);
        visit("board", self.board);
        visit("first_parent", self.first_parent);
        visit("paths", self.paths);
        visit("title", self.title);
        visit("more_boards", self.more_boards);
        visit("hints", self.hints);
        visit("seen_failures", self.seen_failures);
        visit("seen_runs", self.seen_runs);
        visit("trust_ends", self.trust_ends);
        visit("confidence", self.confidence);
        visit("replay", self.replay);
        visit("priority", self.priority);
    }
};

}  // namespace bisectd
