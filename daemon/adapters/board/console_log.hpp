#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/board/small_file.hpp"
#include "core/error.hpp"

namespace bisectd::board {

/// The captured text of one console: a file for people, with a time stamp on each line, and the
/// last megabyte in memory, without stamps, for patterns. All bytes are hostile.
/// Thread: one.
class ConsoleLog {
  public:
    /// Source: a chatty kernel prints some MiB a boot; two files of this size hold days.
    static constexpr std::uint64_t rotate_above_bytes = 64ULL << 20;
    static constexpr std::size_t tail_bytes = 1U << 20;

    /// Appends to `path`, whose folder is made. `path` + ".1" is the one old file.
    /// Errors: infrastructure when folder or file cannot be written.
    static Result<std::unique_ptr<ConsoleLog>> open(
        std::string path, std::uint64_t rotate_above = rotate_above_bytes);

    /// Keeps bytes of the board; NUL is dropped. A file that cannot be written (disk full) loses
    /// bytes, says so once it can be written again, and does not disturb the memory.
    void append(std::string_view bytes);
    /// A line of our own ("connection lost"), in the file only: no pattern shall see it.
    void note(std::string_view text);

    /// From now on nothing is kept: whoever still holds a piece comes too late.
    void close() { closed_ = true; }
    bool closed() const { return closed_; }

    /// Counts all bytes that were kept since the object was made.
    std::uint64_t mark() const { return total_; }
    /// See ports/power.hpp. The carriage returns that end a serial line are left out.
    std::string since(std::uint64_t mark, std::size_t limit) const;
    const std::string& path() const { return path_; }

  private:
    ConsoleLog(std::string path, std::uint64_t rotate_above);
    Result<void> open_file();
    void keep_in_file(std::string_view bytes);
    void write_out(std::string_view text);
    void rotate();

    std::string path_;
    std::uint64_t rotate_above_;
    Handle file_;
    std::uint64_t file_bytes_ = 0;
    std::uint64_t lost_bytes_ = 0;
    bool at_line_start_ = true;
    bool closed_ = false;
    std::string tail_;  ///< up to twice `tail_bytes`: then the older half goes at once
    std::uint64_t total_ = 0;
};

}  // namespace bisectd::board
