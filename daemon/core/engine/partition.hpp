#pragma once
#include <cstdint>
#include <vector>

namespace bisectd::engine {

/// A part that `refine` made: where it comes from and the mask that all of its commits have.
struct Part {
    std::uint32_t of = 0;
    std::uint64_t mask = 0;
};

/// Splits the parts that `part_of` numbers until all commits of a part have the same mask, and
/// renumbers them by their first commit. Returns the new parts.
std::vector<Part> refine(std::vector<std::uint32_t>& part_of,
                         const std::vector<std::uint64_t>& masks);

}  // namespace bisectd::engine
