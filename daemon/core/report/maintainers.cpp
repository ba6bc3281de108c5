#include "core/report/maintainers.hpp"

#include <algorithm>

#include "core/pattern.hpp"
#include "core/pattern_size.hpp"
#include "core/printable.hpp"

namespace bisectd {
namespace {

/// Source: 0.2 s for 100 paths and the 23,000 lines of a kernel's MAINTAINERS, on a busy processor.
constexpr std::size_t most_changed_paths = 100;
/// What all expressions together may cost, in parts of an expression times bytes of paths; the rest
/// is not tried: the file comes with the tree, and could keep us searching.
/// Source: a second on a busy processor; Linux 6.1 has 92 (`grep -c ^N:`), the longest of 13 bytes,
/// so that 100 paths of 80 bytes cost half of it at most.
constexpr std::size_t most_search_steps = 20'000'000;

struct Section {
    std::string_view name;
    std::vector<std::string_view> people, reviewers, lists, files, not_files, expressions;
    bool obsolete = false;
};

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

void take_entry(Section& section, char kind, std::string_view value) {
    switch (kind) {
        case 'M':
            section.people.push_back(value);
            break;
        case 'R':
            section.reviewers.push_back(value);
            break;
        case 'L':
            // Only those who belong to it may write there.
            if (value.find("(subscribers-only") == std::string_view::npos)
                section.lists.push_back(value);
            break;
        case 'F':
            section.files.push_back(value);
            break;
        case 'X':
            section.not_files.push_back(value);
            break;
        case 'N':
            section.expressions.push_back(value);
            break;
        case 'S':
            section.obsolete = value.starts_with("Obsolete");
            break;
        default:
            break;
    }
}

bool is_catch_all(const Section& section) {
    return std::ranges::any_of(
        section.files, [](std::string_view pattern) { return pattern == "*" || pattern == "*/"; });
}

bool matches_any(const std::vector<std::string_view>& patterns, const std::string& path) {
    return std::ranges::any_of(patterns, [&path](std::string_view pattern) {
        return file_pattern_matches(pattern, path);
    });
}

bool is_about(const Section& section, const std::vector<std::string>& paths,
              const std::string& joined) {
    for (const std::string& path : paths)
        if (matches_any(section.files, path) && !matches_any(section.not_files, path)) return true;
    return std::ranges::any_of(section.expressions, [&joined](std::string_view expression) {
        return first_matching_line(std::string(expression), joined).has_value();
    });
}

void add(std::vector<Mailbox>& to, const std::vector<std::string_view>& entries) {
    for (const std::string_view entry : entries) {
        std::optional<Mailbox> mailbox = read_mailbox(entry);
        if (!mailbox) continue;
        const bool there = std::ranges::any_of(
            to, [&mailbox](const Mailbox& one) { return one.address == mailbox->address; });
        if (!there) to.push_back(std::move(*mailbox));
    }
}

}  // namespace

bool file_pattern_matches(std::string_view pattern, std::string_view path) {
    // Where to go on when what comes behind the last star, or the last two, does not match: with
    // one more character for it. Earlier ones could not do better.
    struct Star {
        std::size_t pattern_at = std::string_view::npos, path_at = 0;
        bool usable() const { return pattern_at != std::string_view::npos; }
    };
    if (pattern.empty()) return false;
    Star one, two;
    std::size_t p = 0, at = 0;
    for (;;) {
        if (p == pattern.size()) {
            const bool below = pattern.back() == '/' ||
                               (at < path.size() && path[at] == '/' && pattern.back() != '*');
            if (at == path.size() || below) return true;
        } else if (pattern[p] == '*') {
            const bool crosses = p + 1 < pattern.size() && pattern[p + 1] == '*';
            p += crosses ? 2 : 1;
            (crosses ? two : one) = {p, at};
            if (crosses) one = {};
            continue;
        } else if (at < path.size() &&
                   (pattern[p] == path[at] || (pattern[p] == '?' && path[at] != '/'))) {
            ++p;
            ++at;
            continue;
        }
        if (one.usable() && (one.path_at == path.size() || path[one.path_at] == '/')) one = {};
        Star& star = one.usable() ? one : two;
        if (!star.usable() || star.path_at == path.size()) return false;
        p = star.pattern_at;
        at = ++star.path_at;
    }
}

Keepers keepers_of(std::string_view maintainers, const std::vector<std::string>& paths) {
    const std::vector<std::string> looked(
        paths.begin(),
        paths.begin() + static_cast<std::ptrdiff_t>(std::min(paths.size(), most_changed_paths)));
    std::string joined;
    for (const std::string& path : looked) joined += path + "\n";
    std::vector<Section> matching;
    Section section;
    std::size_t steps = 0;
    const auto close = [&matching, &section, &looked, &joined, &steps] {
        // Once it is too much it stays so: the sum of all does not overflow.
        for (const std::string_view expression : section.expressions)
            if (steps <= most_search_steps) steps += pattern_size(expression).parts * joined.size();
        if (steps > most_search_steps) section.expressions.clear();
        if (!section.obsolete && is_about(section, looked, joined)) matching.push_back(section);
        section = Section();
    };
    while (!maintainers.empty()) {
        const std::string_view line = next_line(maintainers);
        const bool entry = line.size() > 2 && line[1] == ':' && line[0] >= 'A' && line[0] <= 'Z';
        if (entry) {
            const std::size_t begin = line.find_first_not_of(" \t", 2);
            if (begin != std::string_view::npos) take_entry(section, line[0], line.substr(begin));
        } else {
            close();
            if (!line.empty()) section.name = line;
        }
    }
    close();
    Keepers keepers;
    for (const Section& one : matching) {
        if (!is_catch_all(one)) {
            keepers.sections.push_back(printable(one.name));
            add(keepers.people, one.people);
        }
        add(keepers.lists, one.lists);
    }
    for (const Section& one : matching)
        if (!is_catch_all(one)) add(keepers.people, one.reviewers);
    return keepers;
}

}  // namespace bisectd
