#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/http/target.hpp"
#include "core/error.hpp"
#include "core/state.hpp"

namespace bisectd::http {

/// Which bisections are listed, and how: of the API and of the page.
struct Listing {
    std::string text;   ///< found in title, ends, recipe, boards, repository or culprit
    std::string state;  ///< an activity or an ending; "open": none that has ended
    std::string board, recipe;
    std::string sort = "id";  ///< id, begun, last, state, suspects, board
    bool from_the_end = false;
    std::uint64_t offset = 0, limit = 0;

    /// Errors: request, when a word or number of the query is none.
    static Result<Listing> read(const Target& target, std::uint64_t usual_limit, bool newest_first);
    /// The query again, with another offset; "" when all parts are as usual.
    std::string query(std::uint64_t at_offset) const;

    bool usual_order = true;  ///< nobody asked for another
    std::uint64_t usual_limit = 0;
};

/// One page of those that fit, and how many fit in all.
struct Listed {
    std::vector<const BisectionState*> page;
    std::uint64_t total = 0;
};
Listed listed(std::vector<const BisectionState*> all, const Listing& listing);

}  // namespace bisectd::http
