#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bisectd::test {

/// A fresh folder with files in it, gone with the object.
class World {
  public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    const std::string& folder() const { return folder_; }
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    /// Writes a file, with the folders that it needs.
    void write(const std::string& name, std::string_view text) const;
    /// The error as a person sees it, with the paths relative to this folder.
    std::string shown(const Error& error) const;

  private:
    std::string folder_;
};

std::string read_file(const std::string& path);

/// What docs/bad-input.md says in one of its sections.
struct BadInput {
    struct Row {
        std::string good, bad, error;
    };
    std::string good_file;
    std::vector<Row> rows;
};
/// "a\nb" as the document writes it, "a ¶ b".
std::string on_one_line(std::string text);
BadInput bad_input(const std::string& section);

/// Good files of docs/bad-input.md, with all that they need: "brk/recipe.toml" and its files,
/// "pi.toml" and its key, "bisectd.toml".
void write_good_files(const World& world);

}  // namespace bisectd::test
