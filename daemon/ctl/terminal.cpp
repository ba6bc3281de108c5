#include "ctl/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <vector>

namespace bisectd::ctl {
namespace {

volatile std::sig_atomic_t interrupt_seen = 0;
void on_interrupt(int) {
    interrupt_seen = 1;
}

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Source: POSIX, "Environment Variables": the first of these that is set and not empty counts.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string lowered;
        for (const char* c = value; *c != '\0'; ++c)
            lowered += *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
        return lowered.find("utf-8") != std::string::npos ||
               lowered.find("utf8") != std::string::npos;
    }
    return false;
}

}  // namespace

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!colours || colour == Colour::none || text.empty()) return std::string(text);
    const char* code = "";
    switch (colour) {
        case Colour::good:
            code = "32";
            break;
        case Colour::bad:
            code = "31";
            break;
        case Colour::skip:
            code = "33";
            break;
        case Colour::soft:
            code = "2";
            break;
        case Colour::strong:
            code = "1";
            break;
        case Colour::none:
            break;
    }
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Terminal standard_terminal() {
    Terminal terminal{std::cout, std::cerr};
    const char* kind = std::getenv("TERM");
    const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
    terminal.live = ::isatty(STDOUT_FILENO) == 1 && !dumb;
    const char* no_color = std::getenv("NO_COLOR");
    terminal.colours = terminal.live && (no_color == nullptr || *no_color == '\0');
    terminal.unicode = terminal.live && locale_is_utf8();
    return sized_now(terminal);
}

Terminal sized_now(const Terminal& terminal) {
    Terminal now = terminal;
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    now.width = known && size.ws_col >= 20 ? size.ws_col : 80;
    now.height = known && size.ws_row >= 4 ? size.ws_row : 24;
    return now;
}

Colour colour_of(std::string_view word) {
    for (const std::string_view good : {"good", "culprit", "free", "identical"})
        if (word == good) return Colour::good;
    for (const std::string_view bad : {"bad", "failed", "parked", "different", "quarantined"})
        if (word == bad) return Colour::bad;
    for (const std::string_view skip :
         {"skip", "uncertain", "inconclusive", "wrong-range", "paused"})
        if (word == skip) return Colour::skip;
    return Colour::none;
}

std::string cut(std::string_view text, std::size_t columns) {
    std::size_t characters = 0, end = text.size(), marked_end = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (characters + 3 == columns) marked_end = i;
        if (characters == columns) {
            end = i;
            break;
        }
        ++characters;
    }
    if (end == text.size()) return std::string(text);
    return columns < 4 ? std::string(text.substr(0, end))
                       : std::string(text.substr(0, marked_end)) + "...";
}

std::string cut_painted(std::string_view text, std::size_t columns) {
    std::vector<std::size_t> begins;  // of each character; a sequence takes no column
    bool painted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            painted = true;
            at = std::min(text.find('m', at), text.size());
        } else if (begins_character(text[at])) {
            begins.push_back(at);
        }
    }
    if (begins.size() <= columns) return std::string(text);
    const bool marked = columns >= 4;
    return std::string(text.substr(0, begins[marked ? columns - 3 : columns])) +
           (marked ? "..." : "") + (painted ? "\x1b[0m" : "");
}

std::string padded(std::string_view text, std::size_t columns) {
    std::string out = cut(text, columns);
    const auto characters = static_cast<std::size_t>(std::ranges::count_if(out, begins_character));
    if (characters < columns) out.append(columns - characters, ' ');
    return out;
}

std::string bar(unsigned long long done, unsigned long long total, std::size_t columns) {
    std::string inside(columns, '.');
    if (total == 0) {
        for (std::size_t i = 0; i < columns; ++i) inside[i] = i % 3 == 1 ? '.' : ' ';
    } else {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
        const auto filled = static_cast<std::size_t>(share * static_cast<double>(columns));
        std::fill_n(inside.begin(), filled, '#');
    }
    return "[" + inside + "]";
}

void catch_interrupt() {
    struct sigaction action{};
    action.sa_handler = on_interrupt;
    ::sigemptyset(&action.sa_mask);
    // Whoever ends us otherwise wants the terminal back as well.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

bool interrupted() {
    return interrupt_seen != 0;
}

}  // namespace bisectd::ctl
