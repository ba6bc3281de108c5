#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/digest/sha256.hpp"
#include "adapters/process/spawn.hpp"
#include "core/error.hpp"

namespace bisectd::ssh {

/// Unit: bytes read, sent and reported at a time.
constexpr std::size_t piece_bytes = 262'144;

/// A local file that is being uploaded: its bytes in pieces, its size and its digest.
class SourceFile {
  public:
    /// Errors: request when it is no file that can be read (`where` names the activity).
    static Result<SourceFile> open(const std::string& path, const std::string& where);

    /// The next piece; empty at the end. Valid until the next call.
    /// Errors: infrastructure when the disk fails or the file changed its size meanwhile.
    Result<std::string_view> next();

    std::uint64_t size_bytes() const { return size_bytes_; }
    const std::string& path() const { return path_; }
    /// Of everything read; once, after the end.
    std::string sha256() { return digest_.hex(); }

  private:
    SourceFile(process::Descriptor file, std::string path, std::string where, std::uint64_t size);
    process::Descriptor file_;
    std::string path_, where_;
    std::uint64_t size_bytes_ = 0, read_bytes_ = 0;
    Sha256 digest_;
    std::vector<char> buffer_;
};

}  // namespace bisectd::ssh
