#pragma once
#include <toml++/toml.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bisectd::config {

/// Largest file that is read. Unit: bytes. Source: the largest shipped recipe has 2 KiB.
constexpr std::size_t file_limit = std::size_t{1024} * 1024;

/// A regular file's contents. Errors: request (missing, no file, larger than `limit`).
Result<std::string> read_bounded(const std::string& path, std::size_t limit);

/// One TOML file and the problems found in it.
class Document {
  public:
    /// Errors: request: missing, too large, not UTF-8, no TOML.
    static Result<Document> read(const std::string& path);
    /// The same of a text; `path` is what its problems are said to be in.
    static Result<Document> parse(std::string_view text, const std::string& path);

    const std::string& path() const { return path_; }
    const toml::table& root() const { return root_; }
    void refuse(toml::source_position at, std::string_view what);
    bool refused(toml::source_position at) const;
    /// Errors: request, when anything was refused: the first problem in file order makes `where`
    /// and `what`; a few more follow, a line each.
    Result<void> verdict() const;

  private:
    struct Problem {
        toml::source_position at;
        std::string what;
    };
    std::string path_;
    toml::table root_;
    std::vector<Problem> problems_;
};

}  // namespace bisectd::config
