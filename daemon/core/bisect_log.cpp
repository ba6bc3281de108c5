#include "core/bisect_log.hpp"

#include <string_view>

namespace bisectd {
namespace {

constexpr std::size_t longest_subject_bytes = 200;

/// One line without control characters: a subject cannot forge a command of its own.
std::string one_line(std::string_view text) {
    std::string line(text.substr(0, longest_subject_bytes));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return line;
}

/// Quoted as git's sq_quote does it. A line end would end the command, quoted or not; in a path,
/// '?' stands for any one character.
std::string quoted(std::string_view text) {
    std::string result = "'";
    for (char c : text) {
        if (c == '\'' || c == '!') {
            result += "'\\";
            result += c;
            result += '\'';
        } else {
            result += c == '\n' || c == '\r' || c == '\0' ? '?' : c;
        }
    }
    return result + "'";
}

std::string comment(std::string_view what, const LoggedCommit& commit) {
    std::string line = "# ";
    line += what;
    return line + ": [" + commit.id.hex() + "] " + one_line(commit.subject) + "\n";
}

std::string told(std::string_view what, const LoggedCommit& commit) {
    std::string text = comment(what, commit) + "git bisect ";
    text += what;
    return text + " " + commit.id.hex() + "\n";
}

}  // namespace

std::string git_bisect_log(const BisectLog& log) {
    // The ends stand on lines of their own: given to `start`, they make `git bisect replay` stop
    // right there when it wants a merge base tested (git 2.39), and forget the rest.
    std::string text = "git bisect start";
    if (log.first_parent) text += " '--first-parent'";
    if (!log.paths.empty()) text += " '--'";
    for (const std::string& path : log.paths) text += " " + quoted(path);
    text += "\n" + told("bad", log.bad);
    for (const LoggedCommit& good : log.good) text += told("good", good);
    for (const LoggedVerdict& given : log.verdicts) {
        const bool open = given.verdict == Verdict::uncertain;
        text += told(word(open ? Verdict::skip : given.verdict), given.commit);
    }
    if (log.culprit) text += comment("first bad commit", *log.culprit);
    return text;
}

}  // namespace bisectd
