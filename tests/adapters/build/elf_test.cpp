#include <catch2/catch.hpp>
#include <fstream>

#include "adapters/build/elf_file.hpp"
#include "core/elf_notes.hpp"
#include "workbench.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;

namespace {
std::vector<std::byte> bytes_of(const std::string& text) {
    std::vector<std::byte> bytes;
    for (char c : text) bytes.push_back(static_cast<std::byte>(c));
    return bytes;
}
std::string number(std::uint32_t value, bool big) {
    std::string text(4, '\0');
    for (unsigned i = 0; i < 4; ++i)
        text[big ? 3 - i : i] = static_cast<char>((value >> (8 * i)) & 0xff);
    return text;
}
std::string note(const std::string& name, std::uint32_t type, const std::string& data, bool big) {
    const auto padded = [](std::string text) {
        return text.append((4 - text.size() % 4) % 4, '\0');
    };
    return number(static_cast<std::uint32_t>(name.size()), big) +
           number(static_cast<std::uint32_t>(data.size()), big) + number(type, big) + padded(name) +
           padded(data);
}
const std::string gnu("GNU\0", 4);
}  // namespace

TEST_CASE("the build-id is found among other notes in both byte orders", "[core][build]") {
    for (bool big : {false, true}) {
        const std::string notes = note(std::string("Linux\0", 6), 0x100, "abcde", big) +
                                  note(gnu, 1, "0123456789abcdef", big) +
                                  note(gnu, 3, "\x01\x23\x45\x67\x89\xab\xcd\xef\xff\x10", big);
        CHECK(gnu_build_id(bytes_of(notes)) == "0123456789abcdefff10");
    }
}

TEST_CASE("broken notes give no build-id", "[core][build]") {
    const std::string whole = note(gnu, 3, "0123456789abcdef", false);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(gnu_build_id(bytes_of(whole.substr(0, size))));
    CHECK_FALSE(gnu_build_id(bytes_of(number(0xffffffff, false) + number(0xffffffff, false) +
                                      number(3, false) + std::string(64, 'x'))));
    CHECK_FALSE(gnu_build_id(bytes_of(note(gnu, 3, "short", false))));
    CHECK_FALSE(gnu_build_id(bytes_of(std::string(4096, '\0'))));
}

TEST_CASE("the build-id of a linked file is what the linker wrote", "[adapters][build]") {
    workbench::Folder folder;
    workbench::sh(folder.path,
                  "echo 'void start(void){}' > a.c; gcc -c -ffreestanding a.c; "
                  "ld --build-id=0x0102030405060708090a -e start a.o -o with; "
                  "ld --build-id=none -e start a.o -o without; echo text > text");
    auto found = build::build_id_of(folder / "with");
    REQUIRE(found);
    CHECK(*found == "0102030405060708090a");
    auto none = build::build_id_of(folder / "without");
    REQUIRE_FALSE(none);
    CHECK_THAT(none.error().what, Contains("--build-id"));
    CHECK_FALSE(build::build_id_of(folder / "text"));
    CHECK_FALSE(build::build_id_of(folder / "gone"));
}
