#include "tests/adapters/config/world.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bisectd::test {

namespace fs = std::filesystem;

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

/// "`a \| b ¶ c`" -> "a | b\nc"; "(removed)" -> "".
std::string cell(std::string text) {
    if (text == "(removed)") return {};
    if (text.size() >= 2 && text.front() == '`') text = text.substr(1, text.size() - 2);
    replace_all(text, "\\|", "|");
    replace_all(text, " ¶ ", "\n");
    return text;
}

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> found;
    std::size_t at = 2;
    for (std::size_t end; (end = line.find(" |", at)) != std::string::npos; at = end + 3)
        found.push_back(cell(line.substr(at, end - at)));
    return found;
}

}  // namespace

World::World() {
    std::string pattern = (fs::temp_directory_path() / "bisectd-config-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
}

World::~World() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void World::write(const std::string& name, std::string_view text) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    fs::permissions(path(name), fs::perms::owner_read | fs::perms::owner_write);
}

std::string World::shown(const Error& error) const {
    std::string text = describe(error);
    replace_all(text, folder_ + "/", "");
    return text;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string on_one_line(std::string text) {
    replace_all(text, "\n", " ¶ ");
    return text;
}

BadInput bad_input(const std::string& section) {
    std::istringstream document(read_file(BISECTD_SOURCE "/docs/bad-input.md"));
    BadInput found;
    bool here = false;
    bool in_file = false;
    for (std::string line; std::getline(document, line);) {
        if (line.starts_with("## ")) here = line == "## " + section;
        if (!here) continue;
        if (line == "```toml" || line == "```")
            in_file = line == "```toml";
        else if (in_file)
            found.good_file += line + "\n";
        else if (line.starts_with("| `")) {
            std::vector<std::string> row = cells(line);
            if (row.size() != 3) throw std::runtime_error("no three cells: " + line);
            found.rows.push_back({row[0], row[1], row[2]});
        }
    }
    return found;
}

void write_good_files(const World& world) {
    world.write("brk/recipe.toml", bad_input("Recipes").good_file);
    world.write("brk/arm64.config", "CONFIG_VIRTIO_NET=y\n");
    world.write("brk/fix-x.patch", "--- a\n+++ b\n");
    world.write("arm64.config", "outside\n");
    world.write("pi.toml", bad_input("Boards").good_file);
    world.write("keys/pi", "private\n");
    world.write("bisectd.toml", bad_input("Configuration").good_file);
}

}  // namespace bisectd::test
