#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/logs/handle.hpp"
#include "adapters/logs/log_files.hpp"

namespace bisectd::logs {

// Source of these: zstd's "seekable format", version 0.1.0.
constexpr std::uint32_t skippable_magic = 0x184D2A5E, seekable_magic = 0x8F92EAB1;
constexpr std::size_t entry_bytes = 8, footer_bytes = 9, table_head_bytes = 8;

/// A frame, as the table tells it. Unit: bytes.
struct FrameSize {
    std::uint32_t compressed = 0;
    std::uint32_t text = 0;
};

/// A log that is kept compressed. Any part of it is read by decompressing its frame; the frame that
/// was read last is kept.
class ClosedLog : public LogText {
  public:
    /// `plain`: the name of the log; while a file of that name stands this one is none any more.
    /// Errors: infrastructure when it cannot be read or its table is damaged.
    static Result<std::shared_ptr<ClosedLog>> open(const std::string& plain,
                                                   const std::string& closed);
    std::uint64_t size_bytes() const override { return size_; }
    std::string_view read(std::string& buffer, std::uint64_t offset,
                          std::size_t size) const override;
    bool is_current() const override;

  private:
    struct Frame {
        std::uint64_t at = 0, text_at = 0;  ///< where it begins, in the file and in the text
        FrameSize size;
    };
    ClosedLog(std::string plain, std::string closed, Descriptor file)
        : plain_(std::move(plain)), closed_(std::move(closed)), file_(std::move(file)) {}
    Result<void> read_table();
    Result<void> read_entries(std::string_view entries, std::uint64_t table_at);
    bool load(std::size_t index) const;

    std::string plain_, closed_;
    Descriptor file_;
    std::vector<Frame> frames_;
    std::uint64_t size_ = 0;
    mutable Decompressor decompressor_;
    mutable std::string packed_, loaded_;
    mutable std::size_t loaded_index_ = static_cast<std::size_t>(-1);
};

}  // namespace bisectd::logs
