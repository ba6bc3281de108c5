#pragma once
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace bisectd::ctl {

enum class Colour { none, good, bad, skip, soft, strong };

/// Where a command writes, and what it may do there.
struct Terminal {
    std::ostream& out;
    std::ostream& err;
    bool live = false;     ///< a terminal: the screen may be redrawn
    bool colours = false;  ///< a terminal, and NO_COLOR is not set
    std::size_t width = 80;
    std::size_t height = 24;
    bool unicode = false;  ///< it shows more than ASCII: the locale's characters are UTF-8

    std::string paint(Colour colour, std::string_view text) const;
};

/// The real one: looks at standard output and at NO_COLOR, TERM and the window's width.
Terminal standard_terminal();
/// The same terminal with the width and height that its window has now. Unit: columns and lines;
/// 80 and 24 where they are not known.
Terminal sized_now(const Terminal& terminal);

/// The colour of a word: "good", "bad", "skip", "culprit", ...
Colour colour_of(std::string_view word);

/// The first `columns` characters; cut ones are marked by "...". One character counts as one
/// column; what is wider may make a line longer, and nothing worse.
std::string cut(std::string_view text, std::size_t columns);
/// The same for a text that `paint` has coloured; what it begins it ends.
std::string cut_painted(std::string_view text, std::size_t columns);
/// Filled with spaces up to `columns`, or cut.
std::string padded(std::string_view text, std::size_t columns);

/// "[#####.....]". `total` 0: unknown, shown by "[ .  .  . ]".
std::string bar(unsigned long long done, unsigned long long total, std::size_t columns);

/// Makes Ctrl-C (and TERM and HUP) set `interrupted` instead of ending the program.
void catch_interrupt();
bool interrupted();

}  // namespace bisectd::ctl
