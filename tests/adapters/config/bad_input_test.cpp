#include <catch2/catch.hpp>
#include <functional>
#include <optional>

#include "adapters/config/daemon_config.hpp"
#include "adapters/config/toml_catalogue.hpp"
#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using test::BadInput;
using test::World;

namespace {

using Reader = std::function<std::optional<Error>(const World&)>;

/// Takes the good file of the section, makes the change of each row, and compares the errors.
void check_rows(const std::string& section, const std::string& file, const Reader& read) {
    BadInput input = test::bad_input(section);
    REQUIRE(input.rows.size() >= 10);
    World world;
    test::write_good_files(world);
    if (std::optional<Error> error = read(world)) FAIL("the good file: " + describe(*error));
    for (const BadInput::Row& row : input.rows) {
        INFO(row.good << "\n -> " << row.bad);
        std::size_t at = ("\n" + input.good_file).find("\n" + row.good + "\n");
        REQUIRE(at != std::string::npos);
        std::string changed = input.good_file;
        changed.replace(at, row.good.size(), row.bad);
        world.write(file, changed);
        std::optional<Error> error = read(world);
        REQUIRE(error.has_value());
        CHECK(error->kind == ErrorKind::request);
        CHECK(test::on_one_line(world.shown(*error)) == test::on_one_line(row.error));
    }
}

template <class T>
std::optional<Error> error_of(const Result<T>& result) {
    return result ? std::nullopt : std::optional<Error>(result.error());
}

}  // namespace

TEST_CASE("bad input: each wrong recipe of the document gets its error", "[adapters]") {
    check_rows("Recipes", "brk/recipe.toml", [](const World& world) {
        return error_of(TomlCatalogue({world.folder()}, world.folder()).recipe("brk"));
    });
}

TEST_CASE("bad input: each wrong board of the document gets its error", "[adapters]") {
    check_rows("Boards", "pi.toml", [](const World& world) {
        return error_of(TomlCatalogue({world.folder()}, world.folder()).board("pi"));
    });
}

TEST_CASE("bad input: each wrong configuration of the document gets its error", "[adapters]") {
    check_rows("Configuration", "bisectd.toml", [](const World& world) {
        return error_of(read_daemon_config(world.path("bisectd.toml")));
    });
}
