#pragma once
#include <cstdint>
#include <string>

#include "adapters/board/console_source.hpp"
#include "adapters/board/small_file.hpp"

namespace bisectd::board {

/// Follows a file that somebody else writes, by name: truncation and rotation are survived, and
/// a restart goes on where the last capture ended.
class FileSource final : public ConsoleSource {
  public:
    struct Options {
        bool from_beginning = false;  ///< at the very first start; else only what comes
        /// Not 0: a file that was read and is longer than this is emptied (its writer appends).
        std::uint64_t empty_above_bytes = 0;
    };
    /// `position_file` remembers what was read.
    FileSource(std::string path, std::string position_file, Options options);

    Result<void> begin(ConsoleLog& log) override;
    void catch_up(ConsoleLog& log) override;
    Task<void> run(ConsoleLog& log) override;

  private:
    bool open_file();
    bool was_replaced() const;
    bool read_some(ConsoleLog& log, std::uint64_t budget_bytes);
    std::uint64_t read_open_file(ConsoleLog& log, std::uint64_t budget_bytes);
    void empty_when_long();
    void load_position();
    void save_position();

    std::string path_, position_path_;
    Options options_;
    Handle file_, position_;
    std::uint64_t inode_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t saved_inode_ = 0;  ///< 0: nothing was saved
};

}  // namespace bisectd::board
