#include "adapters/config/toml_catalogue.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "adapters/config/board_file.hpp"
#include "adapters/config/checks.hpp"
#include "adapters/config/recipe_file.hpp"
#include "adapters/config/words.hpp"

namespace bisectd {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view local_board = "local";

/// Names in a folder that `accept` turns into something; unreadable folders have none.
template <class Accept>
void collect(const std::string& folder, std::set<std::string>& names, Accept accept) {
    std::error_code code;
    fs::directory_iterator walk(folder, code);
    for (; !code && walk != fs::directory_iterator(); walk.increment(code)) {
        std::string name = accept(walk->path());
        if (config::name_problem(name).empty()) names.insert(name);
    }
}

/// "no recipe 'brk'; did you mean ...?".
Error not_found(std::string_view what, const std::string& name,
                const std::vector<std::string>& known, const std::string& places) {
    std::vector<std::string_view> words(known.begin(), known.end());
    std::string_view meant = config::nearest(name, words);
    std::string hint = !meant.empty()  ? fmt::format("did you mean '{}'?", meant)
                       : words.empty() ? "there are none"
                                       : "known: " + config::listed(words);
    return Error{ErrorKind::request, fmt::format("{} '{}'", what, config::shown(name)),
                 fmt::format("not found in {}; {}", places, hint)};
}

Result<Recipe> read_from(const std::string& folder, const std::string& name) {
    std::error_code code;
    fs::path absolute = fs::absolute(folder, code).lexically_normal();
    if (code) return infrastructure(folder, code.message());
    if (!absolute.has_filename()) absolute = absolute.parent_path();
    return config::read_recipe(absolute.string(), name);
}

}  // namespace

TomlCatalogue::TomlCatalogue(std::vector<std::string> recipe_folders, std::string boards_folder,
                             std::string local_work_folder)
    : recipe_folders_(std::move(recipe_folders)),
      boards_folder_(std::move(boards_folder)),
      local_work_folder_(std::move(local_work_folder)) {}

std::vector<std::string> TomlCatalogue::recipes() {
    std::set<std::string> names;
    for (const std::string& folder : recipe_folders_)
        collect(folder, names, [](const fs::path& path) {
            std::error_code code;
            bool there = fs::exists(path / "recipe.toml", code);
            return there ? path.filename().string() : std::string();
        });
    return {names.begin(), names.end()};
}

Result<Recipe> TomlCatalogue::recipe(const std::string& name) {
    // Before it becomes a part of a path: the name may come from the network.
    if (std::string problem = config::name_problem(name); !problem.empty())
        return wrong_request("recipe", problem);
    std::vector<std::string> found;
    std::error_code code;
    std::string places;
    for (const std::string& folder : recipe_folders_) {
        std::string candidate = fmt::format("{}/{}", folder, name);
        if (fs::exists(candidate + "/recipe.toml", code)) found.push_back(candidate);
        if (!places.empty()) places += ", ";
        places += folder;
    }
    if (found.empty()) return std::unexpected(not_found("recipe", name, recipes(), places));
    if (found.size() > 1)
        return wrong_request(
            fmt::format("recipe '{}'", name),
            fmt::format("is in two folders, {} and {}; rename one", found[0], found[1]));
    return read_from(found.front(), name);
}

Result<Recipe> TomlCatalogue::recipe_in(const std::string& folder) {
    return read_from(folder, "");
}

std::vector<std::string> TomlCatalogue::boards() {
    std::set<std::string> names{std::string(local_board)};
    collect(boards_folder_, names, [](const fs::path& path) {
        return path.extension() == ".toml" ? path.stem().string() : std::string();
    });
    return {names.begin(), names.end()};
}

Result<BoardSpec> TomlCatalogue::board(const std::string& name) {
    if (std::string problem = config::name_problem(name); !problem.empty())
        return wrong_request("board", problem);
    std::string file = fmt::format("{}/{}.toml", boards_folder_, name);
    std::error_code code;
    bool there = fs::exists(file, code);
    if (name == local_board) {
        if (there)
            return wrong_request(file, "the board 'local' is built in; give yours another name");
        BoardSpec board;
        board.name = board.kind = name;
        board.transport = Transport::local;
        if (!local_work_folder_.empty()) board.work_folder = local_work_folder_;
        return board;
    }
    if (!there) return std::unexpected(not_found("board", name, boards(), boards_folder_));
    return config::read_board(fs::absolute(file, code).lexically_normal().string());
}

}  // namespace bisectd
