#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/process/spawn.hpp"
#include "core/error.hpp"
#include "ports/logs.hpp"

namespace bisectd::logs {

using process::Descriptor;

/// Where the log of this name lies when it is closed.
inline std::string closed_name(const std::string& file) {
    return file + ".zst";
}

/// Errors: an empty descriptor when there is no regular file; links are none.
Descriptor open_regular(const std::string& file);
/// Unit: bytes; 0 when it cannot be asked for.
std::uint64_t size_of(const Descriptor& file);
/// What stands at this path is this file.
bool stands_at(const Descriptor& file, const std::string& path);

/// Up to `size` bytes from `offset` on; fewer at the end only. Errors: infrastructure.
Result<std::string_view> read_at(const Descriptor& file, const std::string& path,
                                 std::string& buffer, std::uint64_t offset, std::size_t size);
/// Errors: infrastructure; a part may have been written.
Result<void> write_all(const Descriptor& file, const std::string& path, std::string_view text);
/// Makes a file durable, or a folder's list of names. Errors: infrastructure.
Result<void> make_durable(const Descriptor& file, const std::string& path);
Result<void> make_folder_durable(const std::string& file_in_it);

std::unexpected<Error> failed(const std::string& path, const char* action);

/// A log that is kept as it is written.
class OpenLog : public LogText {
  public:
    OpenLog(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    std::uint64_t size_bytes() const override { return size_of(file_); }
    std::string_view read(std::string& buffer, std::uint64_t offset,
                          std::size_t size) const override;
    bool is_current() const override { return stands_at(file_, path_); }

  private:
    std::string path_;
    Descriptor file_;
};

}  // namespace bisectd::logs
