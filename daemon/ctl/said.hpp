#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bisectd::ctl {

/// "3/2400": failures that were seen, and runs that were made.
struct Seen {
    std::uint64_t failures = 0;
    std::uint64_t runs = 0;
};

/// Errors: request, when it is not two whole numbers with "/" between them.
Result<Seen> read_seen(std::string_view text);

/// The text of a log; "-" is standard input.
/// Errors: request, when the file cannot be read, is a folder, or is longer than 200 KiB.
Result<std::string> read_log(const std::string& file);

}  // namespace bisectd::ctl
