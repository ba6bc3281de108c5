#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisectd {

/// Number of a bisection; 1 is the first. 0 means "none".
using BisectionId = std::uint64_t;

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
    }
};

}  // namespace bisectd
