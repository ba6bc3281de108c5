#include "adapters/build/build_log.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace bisectd::build {
namespace {

constexpr std::size_t longest_line = 1000;
constexpr std::size_t kept_errors = 20;
constexpr std::size_t kept_last = 20;
constexpr std::size_t excerpt_limit_bytes = 4096;

/// Words of the C library, the kernel, gcc and make for faults of the machine.
constexpr std::array machine_words{
    std::string_view{"Killed signal terminated program"},
    std::string_view{"internal compiler error: Killed"},
    std::string_view{"internal compiler error: Terminated"},
    std::string_view{"virtual memory exhausted"},
    std::string_view{"Cannot allocate memory"},
    std::string_view{"out of memory allocating"},
    std::string_view{"memory exhausted"},
    std::string_view{"std::bad_alloc"},
    std::string_view{"No space left on device"},
    std::string_view{"Disk quota exceeded"},
    std::string_view{"File too large"},
    std::string_view{"file size limit exceeded"},
    std::string_view{"File size limit exceeded"},
    std::string_view{"Input/output error"},
    std::string_view{"Read-only file system"},
    std::string_view{"Too many open files"},
    std::string_view{"fork: retry"},
    std::string_view{"Resource temporarily unavailable"},
    std::string_view{"Bus error"},
};

constexpr std::array error_words{
    std::string_view{"error:"},          std::string_view{"Error:"},
    std::string_view{"ERROR:"},          std::string_view{"undefined reference"},
    std::string_view{"No rule to make"}, std::string_view{"*** "},
};

bool holds(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

/// "  123 | source text" and "      | ^~~~": text of the sources that a compiler quotes.
bool is_quote(std::string_view line) {
    const auto at = line.find_first_not_of(" 0123456789");
    return at != std::string_view::npos && at > 0 && line[at] == '|';
}

/// make's words for a command that a signal ended: "make[1]: *** [Makefile:3: x] Killed".
bool is_killed_command(std::string_view line) {
    return holds(line, "*** [") && (line.ends_with("] Killed") || line.ends_with("] Terminated"));
}

/// "/bin/sh: 1: flex: not found", or make's own "make[1]: flex: No such file or directory": the
/// builder lacks a program. A path with a slash is a script of the tree itself, and then a fact
/// about the commit.
bool is_missing_program(std::string_view line) {
    const std::string_view speaker = line.substr(0, line.find(':'));
    std::string_view rest = line;
    const auto cut = [&rest](std::string_view end) {
        if (!rest.ends_with(end)) return false;
        rest.remove_suffix(end.size());
        return true;
    };
    const bool told = speaker.ends_with("sh")
                          ? cut(": command not found") || cut(": not found")
                          : speaker.starts_with("make") && cut(": No such file or directory");
    const auto colon = rest.rfind(": ");
    if (!told || colon == std::string_view::npos) return false;
    const std::string_view name = rest.substr(colon + 2);
    return !name.empty() && name.find_first_of("/ *") == std::string_view::npos;
}

bool is_machine_fault(std::string_view line) {
    if (is_quote(line)) return false;
    return is_killed_command(line) || is_missing_program(line) ||
           std::ranges::any_of(machine_words,
                               [line](std::string_view word) { return holds(line, word); });
}

/// The file of "  CC [M]  drivers/x.o"; nothing for other lines.
std::optional<std::string_view> step_file(std::string_view line) {
    if (!line.starts_with("  ") || line.size() < 4 || std::isupper(line[2]) == 0)
        return std::nullopt;
    const auto word_end = line.find(' ', 2);
    if (word_end == std::string_view::npos) return std::nullopt;
    const auto upper = [](char c) {
        return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
    };
    if (!std::ranges::all_of(line.substr(2, word_end - 2), upper)) return std::nullopt;
    const auto file = line.find_last_of(' ');
    return line.substr(file + 1);
}

}  // namespace

void BuildLog::take(std::string_view piece) {
    while (!piece.empty()) {
        const auto end = piece.find('\n');
        const std::string_view part = piece.substr(0, end);
        rest_ += part.substr(0, longest_line - std::min(longest_line, rest_.size()));
        if (end == std::string_view::npos) return;
        line(rest_);
        rest_.clear();
        piece.remove_prefix(end + 1);
    }
}

void BuildLog::finish() {
    if (!rest_.empty()) line(rest_);
    rest_.clear();
}

void BuildLog::line(std::string_view text) {
    if (const auto file = step_file(text)) {
        ++steps_;
        if (sink_) sink_(steps_, *file);
        return;
    }
    if (text == begun_mark) {
        begun_ = true;
        return;
    }
    if (machine_fault_.empty() && is_machine_fault(text)) machine_fault_ = text;
    const bool is_error = std::ranges::any_of(
        error_words, [text](std::string_view word) { return holds(text, word); });
    if (is_error) after_error_ = 3;
    if ((is_error || after_error_ > 0) && errors_.size() < kept_errors) errors_.emplace_back(text);
    if (!is_error && after_error_ > 0) --after_error_;
    last_.emplace_back(text);
    if (last_.size() > kept_last) last_.pop_front();
}

std::string BuildLog::excerpt() const {
    std::string text;
    const auto add = [&text](const std::string& next) {
        if (text.size() + next.size() < excerpt_limit_bytes) text += next + "\n";
    };
    if (errors_.empty())
        std::ranges::for_each(last_, add);
    else
        std::ranges::for_each(errors_, add);
    return text;
}

}  // namespace bisectd::build
