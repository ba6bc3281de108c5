#pragma once
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bisectd {

/// The full id of a git commit: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
class CommitId {
  public:
    CommitId() = default;

    /// Errors: nothing when `hex` is not a full id.
    static std::optional<CommitId> parse(std::string_view hex);

    const std::string& hex() const { return hex_; }
    /// The first 12 digits, as the kernel community writes ids.
    std::string brief() const { return hex_.substr(0, 12); }
    bool empty() const { return hex_.empty(); }
    auto operator<=>(const CommitId&) const = default;

  private:
    std::string hex_;
};

}  // namespace bisectd

template <>
struct std::hash<bisectd::CommitId> {
    std::size_t operator()(const bisectd::CommitId& id) const noexcept {
        return std::hash<std::string>{}(id.hex());
    }
};
