#include "adapters/http/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "adapters/json/views.hpp"

namespace bisectd::http {
namespace {

constexpr std::uint64_t most_a_page = 1000;
constexpr std::array<std::string_view, 6> sorts{"id",    "begun",    "last",
                                                "state", "suspects", "board"};

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `wanted` is in small letters.
bool holds(std::string_view text, std::string_view wanted) {
    const auto same = [](char a, char b) { return lowered(a) == b; };
    return !std::ranges::search(text, wanted, same).empty();
}

/// What was asked; nothing of it before the first event.
const StartRequest& request_of(const BisectionState& state) {
    static const StartRequest nothing;
    return state.requested ? state.requested->request : nothing;
}

std::string_view state_word(const BisectionState& state) {
    return state.ended ? word(state.ended->ending) : word(state.activity);
}

bool is_state(std::string_view text) {
    return text.empty() || text == "open" || from_word<Activity>(text) || from_word<Ending>(text);
}

bool holds(const BisectionState& state, std::string_view wanted) {
    const StartRequest& request = request_of(state);
    const auto here = [wanted](std::string_view text) { return holds(text, wanted); };
    if (std::ranges::any_of(request.more_boards, here) || std::ranges::any_of(request.good, here))
        return true;
    for (const std::string_view text :
         {std::string_view(request.title), std::string_view(request.bad),
          std::string_view(request.recipe), std::string_view(request.repository),
          std::string_view(request.board)})
        if (here(text)) return true;
    if (here(std::to_string(state.id))) return true;
    if (state.ended)
        for (const CommitId& commit : state.ended->commits)
            if (here(commit.hex())) return true;
    return state.suspect && here(state.suspect->subject);
}

bool fits(const BisectionState& state, const Listing& listing, std::string_view wanted) {
    if (listing.state == "open" && state.ended) return false;
    if (!listing.state.empty() && listing.state != "open" && listing.state != state_word(state) &&
        listing.state != word(state.activity))
        return false;
    const StartRequest& request = request_of(state);
    if (!listing.board.empty() && request.board != listing.board &&
        std::ranges::find(request.more_boards, listing.board) == request.more_boards.end())
        return false;
    if (!listing.recipe.empty() && request.recipe != listing.recipe) return false;
    return wanted.empty() || holds(state, wanted);
}

bool before(const BisectionState* a, const BisectionState* b, const std::string& sort) {
    const auto board = [](const BisectionState* state) -> const std::string& {
        return request_of(*state).board;
    };
    if (sort == "begun" && a->requested_ms_utc != b->requested_ms_utc)
        return a->requested_ms_utc < b->requested_ms_utc;
    if (sort == "last" && a->last_ms_utc != b->last_ms_utc) return a->last_ms_utc < b->last_ms_utc;
    if (sort == "state" && state_word(*a) != state_word(*b)) return state_word(*a) < state_word(*b);
    if (sort == "suspects" && suspects_left(*a) != suspects_left(*b))
        return suspects_left(*a) < suspects_left(*b);
    if (sort == "board" && board(a) != board(b)) return board(a) < board(b);
    return a->id < b->id;
}

}  // namespace

Result<Listing> Listing::read(const Target& target, std::uint64_t usual_limit, bool newest_first) {
    Listing out;
    const auto text = [&target](const char* name) {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::string() : found->second;
    };
    out.text = text("q").substr(0, 200);
    out.state = text("state");
    out.board = text("board");
    out.recipe = text("recipe");
    if (!is_state(out.state))
        return wrong_request("state", "it is an activity, an ending, or \"open\"");
    out.from_the_end = newest_first;
    if (std::string sort = text("sort"); !sort.empty()) {
        out.usual_order = false;
        out.from_the_end = sort.starts_with('-');
        if (out.from_the_end) sort.erase(0, 1);
        if (std::ranges::find(sorts, sort) == sorts.end())
            return wrong_request("sort", "it is id, begun, last, state, suspects or board");
        out.sort = sort;
    }
    const auto number = [&](const char* name, std::uint64_t otherwise) {
        const std::string given = text(name);
        return given.empty() ? std::optional(otherwise) : parse_number<std::uint64_t>(given);
    };
    const auto limit = number("limit", usual_limit), after = number("after", 0);
    if (!limit || !after || *limit == 0 || *limit > most_a_page)
        return wrong_request(
            "limit",
            fmt::format("limit is a number from 1 to {}, after one from 0 on", most_a_page));
    out.limit = *limit;
    out.offset = *after;
    out.usual_limit = usual_limit;
    return out;
}

std::string Listing::query(std::uint64_t at_offset) const {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view value) {
        if (!value.empty())
            out += fmt::format("{}{}={}", out.empty() ? "?" : "&", name, percent_encoded(value));
    };
    add("q", text);
    add("state", state);
    add("board", board);
    add("recipe", recipe);
    if (!usual_order) add("sort", (from_the_end ? "-" : "") + sort);
    if (limit != usual_limit) add("limit", std::to_string(limit));
    if (at_offset != 0) add("after", std::to_string(at_offset));
    return out;
}

Listed listed(std::vector<const BisectionState*> all, const Listing& listing) {
    std::string wanted = listing.text;
    std::ranges::transform(wanted, wanted.begin(), [](char c) { return lowered(c); });
    std::erase_if(all, [&](const BisectionState* state) { return !fits(*state, listing, wanted); });
    // Ids end every tie, so the order is always the same.
    std::ranges::sort(all, [&listing](const BisectionState* a, const BisectionState* b) {
        return listing.from_the_end ? before(b, a, listing.sort) : before(a, b, listing.sort);
    });
    Listed out{{}, all.size()};
    for (std::uint64_t i = listing.offset; i < all.size() && out.page.size() < listing.limit; ++i)
        out.page.push_back(all[i]);
    return out;
}

}  // namespace bisectd::http
