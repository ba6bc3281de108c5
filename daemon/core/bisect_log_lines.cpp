#include "core/bisect_log_lines.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace bisectd {
namespace {

constexpr std::size_t most_lines = 20'000;
// Paths and good ends of a start line, with room; a quote that is never closed ends here.
constexpr std::size_t longest_joined_bytes = 4UL * 1024;
constexpr std::string_view blanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text, std::string_view before) {
    const std::size_t begin = text.find_first_not_of(before);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// A comment or command of git, without its mark.
std::optional<BisectLogLine> line_of_git(std::string_view text, std::size_t number) {
    if (text.starts_with('#'))
        return BisectLogLine{number, true, std::string(trimmed(text.substr(1), blanks))};
    for (const std::string_view mark : {"git bisect", "git-bisect"}) {
        if (!text.starts_with(mark)) continue;
        const std::string_view rest = text.substr(mark.size());
        if (!rest.empty() && blanks.find(rest.front()) == std::string_view::npos) continue;
        return BisectLogLine{number, false, std::string(trimmed(rest, blanks))};
    }
    return std::nullopt;
}

/// Takes words off a command. `quote` is the one that is still open at its end, or 0.
struct Splitter {
    std::vector<std::string> words;
    char quote = 0;

    explicit Splitter(std::string_view text) {
        bool in_word = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (quote == 0 && blanks.find(c) != std::string_view::npos) {
                in_word = false;
                continue;
            }
            if (!in_word) words.emplace_back();
            in_word = true;
            if (quote == 0 && (c == '\'' || c == '"'))
                quote = c;
            else if (c == quote)
                quote = 0;
            else if (quote == 0 && c == '\\' && i + 1 < text.size())
                words.back() += text[++i];
            else
                words.back() += c;
        }
    }
};

bool takes_names(const std::vector<std::string>& words) {
    constexpr std::array verbs{"good", "bad", "old", "new", "skip"};
    return std::ranges::find(verbs, words.front()) != verbs.end();
}

/// Whether `text`, which is no line of git's, is the rest of the line before it.
bool continues(const BisectLogLine& before, std::string_view text) {
    if (before.text.size() > longest_joined_bytes) return false;
    if (before.comment) return before.text.find(']') == std::string::npos;
    if (before.text.empty()) return true;
    const Splitter command(before.text);
    if (command.words.front() == "start")
        return command.quote != 0 || text.starts_with('\'') || text.starts_with("--");
    return takes_names(command.words) && command.words.size() == 1;
}

}  // namespace

std::string bisect_log_place(std::size_t line) {
    return "git bisect log, line " + std::to_string(line);
}

Result<std::vector<BisectLogLine>> bisect_log_lines(std::string_view text) {
    std::vector<BisectLogLine> lines;
    bool joinable = false;  // a blank line ends what was wrapped
    std::size_t number = 0;
    while (!text.empty()) {
        if (++number > most_lines)
            return wrong_request("git bisect log",
                                 "it has more than " + std::to_string(most_lines) + " lines");
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end), " \t\r\f\v>|");
        text.remove_prefix(std::min(end + 1, text.size()));
        if (auto of_git = line_of_git(line, number)) {
            lines.push_back(std::move(*of_git));
            joinable = true;
        } else if (line.empty() || !joinable || !continues(lines.back(), line)) {
            joinable = joinable && !line.empty();
        } else {
            std::string& before = lines.back().text;
            if (!before.empty()) before += ' ';
            before += line;
        }
    }
    return lines;
}

Result<std::vector<std::string>> bisect_log_words(const BisectLogLine& line) {
    Splitter splitter(line.text);
    if (splitter.quote != 0)
        return wrong_request(bisect_log_place(line.number), "a quote is not closed");
    return std::move(splitter.words);
}

}  // namespace bisectd
