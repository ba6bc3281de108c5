#pragma once
#include <optional>

#include "core/engine/question.hpp"
#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// What a board should do at the bad end before the search of its columns begins: until the
/// symptom was seen twice there, and on for a few more hits while that is cheap.
/// Nothing: the bad end is trusted, seen to be bad, or another board is at it.
std::optional<Order> bad_end_order(const Scene& scene, std::size_t board,
                                   const std::vector<bool>& others_there);

/// Whether the bad end of a column is still to be confirmed.
bool bad_end_wanted(const Scene& scene, std::size_t column);

}  // namespace bisectd::engine
