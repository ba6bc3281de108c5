#include "core/engine/partition.hpp"

#include <unordered_map>

namespace bisectd::engine {

std::vector<Part> refine(std::vector<std::uint32_t>& part_of,
                         const std::vector<std::uint64_t>& masks) {
    std::vector<Part> parts;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> with_mask;
    std::uint32_t last = 0;  // neighbours are mostly of one part
    for (std::size_t i = 0; i < part_of.size(); ++i) {
        const Part wanted{part_of[i], masks[i]};
        const auto is_wanted = [&](std::uint32_t part) {
            return parts[part].of == wanted.of && parts[part].mask == wanted.mask;
        };
        if (parts.empty() || !is_wanted(last)) {
            std::vector<std::uint32_t>& known = with_mask[wanted.mask];
            bool found = false;
            for (std::uint32_t part : known) {
                if (!is_wanted(part)) continue;
                last = part;
                found = true;
                break;
            }
            if (!found) {
                last = static_cast<std::uint32_t>(parts.size());
                known.push_back(last);
                parts.push_back(wanted);
            }
        }
        part_of[i] = last;
    }
    return parts;
}

}  // namespace bisectd::engine
