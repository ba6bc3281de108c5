#include "core/commit_id.hpp"

namespace bisectd {

std::optional<CommitId> CommitId::parse(std::string_view hex) {
    if (hex.size() != 40 && hex.size() != 64) return std::nullopt;
    for (char c : hex)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
    CommitId id;
    id.hex_ = hex;
    return id;
}

}  // namespace bisectd
