#include "adapters/logs/closed_log.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace bisectd::logs {
namespace {

/// No frame of ours is larger: a damaged table asks for no more memory.
constexpr std::uint32_t largest_frame = 4 << 20;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (unsigned i = 0; i < 4; ++i)
        number |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return number;
}

}  // namespace

Result<std::shared_ptr<ClosedLog>> ClosedLog::open(const std::string& plain,
                                                   const std::string& closed) {
    Descriptor file = open_regular(closed);
    if (!file) return infrastructure(closed, "cannot be opened");
    std::shared_ptr<ClosedLog> log(new ClosedLog(plain, closed, std::move(file)));
    if (auto table = log->read_table(); !table) return std::unexpected(table.error());
    return log;
}

Result<void> ClosedLog::read_table() {
    const auto damaged = [this] { return infrastructure(closed_, "has no table of its frames"); };
    const std::uint64_t file_size = size_of(file_);
    if (file_size < table_head_bytes + footer_bytes) return damaged();
    std::string buffer;
    auto footer = read_at(file_, closed_, buffer, file_size - footer_bytes, footer_bytes);
    if (!footer) return std::unexpected(footer.error());
    if (footer->size() != footer_bytes || number_at(*footer, 5) != seekable_magic ||
        (*footer)[4] != 0)
        return damaged();
    const std::uint64_t count = number_at(*footer, 0);
    const std::uint64_t table_bytes = table_head_bytes + count * entry_bytes + footer_bytes;
    if (table_bytes > file_size) return damaged();
    const std::uint64_t table_at = file_size - table_bytes;
    auto table = read_at(file_, closed_, buffer, table_at, table_bytes);
    if (!table) return std::unexpected(table.error());
    if (table->size() != table_bytes || number_at(*table, 0) != skippable_magic) return damaged();
    return read_entries(table->substr(table_head_bytes, count * entry_bytes), table_at);
}

Result<void> ClosedLog::read_entries(std::string_view entries, std::uint64_t table_at) {
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < entries.size(); i += entry_bytes) {
        const FrameSize size{number_at(entries, i), number_at(entries, i + 4)};
        if (size.text == 0 || size.text > largest_frame || size.compressed > 2 * largest_frame)
            return infrastructure(closed_, "has a damaged table of its frames");
        frames_.push_back({at, size_, size});
        at += size.compressed;
        size_ += size.text;
    }
    if (at != table_at) return infrastructure(closed_, "has a damaged table of its frames");
    return {};
}

bool ClosedLog::is_current() const {
    struct stat info{};
    return ::lstat(plain_.c_str(), &info) != 0 && stands_at(file_, closed_);
}

bool ClosedLog::load(std::size_t index) const {
    if (index == loaded_index_) return true;
    if (!decompressor_) decompressor_.reset(ZSTD_createDCtx());
    if (!decompressor_) return false;
    const Frame& frame = frames_[index];
    const auto packed = read_at(file_, closed_, packed_, frame.at, frame.size.compressed);
    if (!packed || packed->size() != frame.size.compressed) return false;
    loaded_.resize(frame.size.text);
    loaded_index_ = static_cast<std::size_t>(-1);
    const std::size_t size = ZSTD_decompressDCtx(decompressor_.get(), loaded_.data(),
                                                 loaded_.size(), packed->data(), packed->size());
    if (ZSTD_isError(size) != 0 || size != frame.size.text) return false;
    loaded_index_ = index;
    return true;
}

std::string_view ClosedLog::read(std::string& buffer, std::uint64_t offset,
                                 std::size_t size) const {
    if (offset >= size_) return {};
    const auto behind = std::ranges::upper_bound(frames_, offset, {}, &Frame::text_at);
    const auto index = static_cast<std::size_t>(behind - frames_.begin()) - 1;
    if (!load(index)) return {};
    buffer = loaded_.substr(offset - frames_[index].text_at, size);
    return buffer;
}

}  // namespace bisectd::logs
