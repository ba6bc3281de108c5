#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/error.hpp"

// What several fuzz targets hold the daemon to.

namespace bisectd::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// An error for people is bounded and moves no cursor; it may have several lines.
inline void check_error(const Error& error, std::size_t limit_bytes) {
    const std::string said = describe(error);
    BISECTD_ASSERT(!error.what.empty() && said.size() <= limit_bytes);
    for (const char c : said)
        BISECTD_ASSERT((c == '\n' || static_cast<unsigned char>(c) >= 0x20) && c != 0x7f);
}

/// No control character at all: what becomes part of a name, a path or a line.
inline void check_plain(std::string_view text) {
    for (const char c : text) BISECTD_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

/// A folder of this process, gone when it ends well.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::string pattern = std::filesystem::temp_directory_path() / "bisectd-fuzz-XXXXXX";
        BISECTD_ASSERT(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::string path(const std::string& name) const { return path_ + "/" + name; }
    const std::string& folder() const { return path_; }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
    }

  private:
    std::string path_;
};

}  // namespace bisectd::fuzz
