#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bisectd {

/// A line of a bisect log as git wrote it: a comment ("# ...") or a command.
struct BisectLogLine {
    std::size_t number = 0;  ///< where it begins in the text, from 1
    bool comment = false;
    std::string text;  ///< without "#" or "git bisect", without spaces around it
};

/// The lines of a log, freed from what mail did to them: quote marks, line ends, wrapping. Text
/// that belongs to no log is left out.
/// Errors: request, when there are more than 20,000 lines.
Result<std::vector<BisectLogLine>> bisect_log_lines(std::string_view text);

/// The words of a command, as a shell splits them: in quotes or not.
/// Errors: request, naming the line, when a quote is not closed.
Result<std::vector<std::string>> bisect_log_words(const BisectLogLine& line);

/// Names the line in an error.
std::string bisect_log_place(std::size_t line);

}  // namespace bisectd
