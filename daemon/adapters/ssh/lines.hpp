#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "ports/board_shell.hpp"

namespace bisectd::ssh {

/// Source: the contract of LineSink.
constexpr std::size_t line_limit_bytes = 16'384;

/// Makes lines of pieces. What a line has beyond the limit is dropped.
class Lines {
  public:
    explicit Lines(LineSink sink) : sink_(std::move(sink)) {}
    void add(std::string_view piece);
    /// The command has ended: what stands without a line end is a line too.
    void end();

  private:
    void keep(std::string_view part);
    void tell();
    LineSink sink_;
    std::string line_;
    bool begun_ = false;
};

/// The last bytes of a text, for the words of an error.
class Tail {
  public:
    void add(std::string_view piece);
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// Hostile text made fit to stand in a sentence: on one line, without control characters.
std::string for_people(std::string_view text);

}  // namespace bisectd::ssh
