#include "adapters/logs/compression.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "adapters/logs/closed_log.hpp"
#include "adapters/logs/handle.hpp"
#include "adapters/logs/log_files.hpp"

namespace bisectd::logs {
namespace {

/// Source: zstd's default; 300 MiB/s.
constexpr int level = 3;
/// A file system gives out no less: there is nothing to gain. Unit: bytes.
constexpr std::uint64_t block_bytes = 4096;

/// A file that is not there until it is whole; dropped, nothing is left of it.
class Draft {
  public:
    explicit Draft(std::string target) : target_(std::move(target)) {
        ::unlink(name().c_str());  // of a daemon that was killed here
        file_ = Descriptor{::open(name().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (!placed_) ::unlink(name().c_str());
    }
    std::string name() const { return target_ + ".tmp"; }
    bool is_open() const { return static_cast<bool>(file_); }
    Result<void> write(std::string_view text) { return write_all(file_, name(), text); }
    Result<void> finish() { return make_durable(file_, name()); }
    /// Moves it to its place, durably. Requires: it is finished.
    Result<void> place() {
        if (std::rename(name().c_str(), target_.c_str()) != 0)
            return failed(target_, "move it here");
        placed_ = true;
        return make_folder_durable(target_);
    }

  private:
    std::string target_;
    Descriptor file_;
    bool placed_ = false;
};

void add_number(std::string& out, std::uint32_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        out += static_cast<char>((number >> shift) & 0xff);
}

std::string table_of(const std::vector<FrameSize>& frames) {
    std::string table;
    add_number(table, skippable_magic);
    add_number(table, static_cast<std::uint32_t>(frames.size() * entry_bytes + footer_bytes));
    for (const FrameSize& frame : frames) {
        add_number(table, frame.compressed);
        add_number(table, frame.text);
    }
    add_number(table, static_cast<std::uint32_t>(frames.size()));
    table += '\0';  // descriptor: no checksums in the table, each frame has its own
    add_number(table, seekable_magic);
    return table;
}

Result<std::vector<FrameSize>> write_frames(const Descriptor& from, const std::string& file,
                                            Draft& draft) {
    const Compressor compressor(ZSTD_createCCtx());
    if (!compressor) return infrastructure(file, "cannot compress it: no memory");
    ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_checksumFlag, 1);
    std::string text, packed(ZSTD_compressBound(frame_bytes), '\0');
    std::vector<FrameSize> frames;
    for (std::uint64_t offset = 0;;) {
        const auto piece = read_at(from, file, text, offset, frame_bytes);
        if (!piece) return std::unexpected(piece.error());
        if (piece->empty()) return frames;
        const std::size_t size = ZSTD_compress2(compressor.get(), packed.data(), packed.size(),
                                                piece->data(), piece->size());
        if (ZSTD_isError(size) != 0)
            return infrastructure(file,
                                  std::string("cannot compress it: ") + ZSTD_getErrorName(size));
        if (auto written = draft.write(std::string_view(packed).substr(0, size)); !written)
            return std::unexpected(written.error());
        frames.push_back(
            {static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(piece->size())});
        offset += piece->size();
    }
}

/// What was written reads as what is there, to its end, which did not move meanwhile.
Result<void> compare(const Descriptor& from, const std::string& file, const std::string& closed) {
    const auto copy = ClosedLog::open(file, closed);
    if (!copy) return std::unexpected(copy.error());
    const std::uint64_t size = size_of(from);
    if ((*copy)->size_bytes() != size) return infrastructure(file, "was written to meanwhile");
    std::string ours, theirs;
    for (std::uint64_t offset = 0; offset < size;) {
        const auto text = read_at(from, file, ours, offset, frame_bytes);
        if (!text) return std::unexpected(text.error());
        if (text->empty() || (*copy)->read(theirs, offset, frame_bytes) != *text)
            return infrastructure(closed, "does not read as it was written: is the disk failing?");
        offset += text->size();
    }
    return {};
}

}  // namespace

Result<std::uint64_t> pack_log(const std::string& file) {
    const Descriptor from = open_regular(file);
    if (!from || size_of(from) < block_bytes) return 0;
    Draft draft(closed_name(file));
    if (!draft.is_open()) return failed(draft.name(), "write it");
    const auto frames = write_frames(from, file, draft);
    if (!frames) return std::unexpected(frames.error());
    Result<void> done = draft.write(table_of(*frames));
    if (done) done = draft.finish();
    if (done) done = compare(from, file, draft.name());
    if (done) done = draft.place();
    if (!done) return std::unexpected(done.error());
    std::uint64_t bytes = 0;
    for (const FrameSize& frame : *frames) bytes += frame.text;
    return bytes;
}

Result<void> replace_by_packed(const std::string& file, std::uint64_t packed_bytes) {
    const Descriptor log = open_regular(file);
    if (!log || size_of(log) != packed_bytes) {
        if (::unlink(closed_name(file).c_str()) != 0) return failed(closed_name(file), "remove it");
        return infrastructure(file, "was written to while it was compressed");
    }
    if (::unlink(file.c_str()) != 0) return failed(file, "remove it");
    return make_folder_durable(file);
}

Result<void> open_log_again(const std::string& file) {
    if (open_regular(file)) return {};
    const auto closed = ClosedLog::open(file, closed_name(file));
    if (!closed) return std::unexpected(closed.error());
    Draft draft(file);
    if (!draft.is_open()) return failed(draft.name(), "write it");
    std::string buffer;
    for (std::uint64_t offset = 0; offset < (*closed)->size_bytes();) {
        const std::string_view text = (*closed)->read(buffer, offset, frame_bytes);
        if (text.empty()) return infrastructure(closed_name(file), "is damaged");
        if (auto written = draft.write(text); !written) return written;
        offset += text.size();
    }
    if (auto finished = draft.finish(); !finished) return finished;
    if (auto placed = draft.place(); !placed) return placed;
    if (::unlink(closed_name(file).c_str()) != 0) return failed(closed_name(file), "remove it");
    return {};
}

}  // namespace bisectd::logs
