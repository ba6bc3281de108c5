#include <catch2/catch.hpp>
#include <cstdint>

#include "core/report/mailbox.hpp"
#include "core/report/maintainers.hpp"
#include "core/report/trailers.hpp"

using namespace bisectd;

namespace {

std::vector<std::string> addresses(const std::vector<Mailbox>& mailboxes) {
    std::vector<std::string> out;
    for (const Mailbox& mailbox : mailboxes) out.push_back(mailbox.address);
    return out;
}

}  // namespace

TEST_CASE("mailbox: names and addresses are read as tags and MAINTAINERS write them", "[core]") {
    CHECK(read_mailbox("Kim Doe <kim@example.org>") == Mailbox{"Kim Doe", "kim@example.org"});
    CHECK(read_mailbox("\"Doe, Kim\" <kim@example.org>") == Mailbox{"Doe, Kim", "kim@example.org"});
    CHECK(read_mailbox("linux-mm@kvack.org (open list)") == Mailbox{"", "linux-mm@kvack.org"});
    CHECK(read_mailbox("stable@vger.kernel.org # 5.10+") == Mailbox{"", "stable@vger.kernel.org"});
    CHECK(read_mailbox("Kim <kim+kernel@sub.example.org> # told us") ==
          Mailbox{"Kim", "kim+kernel@sub.example.org"});
}

TEST_CASE("mailbox: what could forge a header or become an option is no address", "[core]") {
    for (const char* text :
         {"", "Kim", "Kim <kim>", "kim@", "@example.org", "Kim <kim@example.org", "-oQ/tmp@x.org",
          "a b@example.org", "Kim <kim@example.org\r\nBcc: all@example.org>", "kim@exa mple.org",
          "<kim@example.org,eve@example.org>", "kim@localhost", "kim@-x.org", "k\xc3\xadm@x.org",
          "$(id)@example.org", "kim@example..org", "|cat@example.org"}) {
        INFO(text);
        CHECK_FALSE(read_mailbox(text));
    }
    const auto folded = read_mailbox("Kim\r\nBcc: eve@example.org <kim@example.org>");
    CHECK_FALSE(folded);
    const auto odd = read_mailbox("K\x1b[2Jim\x7f <kim@example.org>");
    REQUIRE(odd);
    CHECK(header_text(*odd).find('\x1b') == std::string::npos);
}

TEST_CASE("mailbox: headers are ASCII, quoted or encoded where they must be", "[core]") {
    CHECK(header_text({"Kim Doe", "kim@example.org"}) == "Kim Doe <kim@example.org>");
    CHECK(header_text({"", "kim@example.org"}) == "kim@example.org");
    CHECK(header_text({"Doe, \"K\"", "k@x.org"}) == "\"Doe, \\\"K\\\"\" <k@x.org>");
    CHECK(header_text({"J\xc3\xb6rg", "j@x.org"}) == "=?UTF-8?Q?J=C3=B6rg?= <j@x.org>");
    CHECK(header_words("plain words") == "plain words");
    CHECK(header_words("=?UTF-8?Q?forged?=") != "=?UTF-8?Q?forged?=");
    const std::string encoded = header_words(std::string(40, 'a') + "\xe2\x82\xac\n\nBcc: x@y.z");
    for (const char c : encoded) CHECK((c == '\n' || (c >= 0x20 && c < 0x7F)));
    // Each line goes on with a blank: no header begins inside.
    for (std::size_t at = encoded.find('\n'); at != std::string::npos;
         at = encoded.find('\n', at + 1))
        CHECK(encoded.at(at + 1) == ' ');
    std::size_t longest = 0;
    for (std::size_t from = 0; from < encoded.size();) {
        const std::size_t end = std::min(encoded.find('\n', from), encoded.size());
        longest = std::max(longest, end - from);
        from = end + 1;
    }
    CHECK(longest <= 76);
}

TEST_CASE("trailers: tags of the last paragraphs count, text above them does not", "[core]") {
    const auto trailers = trailers_of(
        "subject: a thing\n\nSome text.\nSigned-off-by: not really <text@example.org>\n\nMore.\n\n"
        "Reported-by: A <a@x.org>\n[kim: changed it]\nCC: stable@vger.kernel.org # 5.1\n"
        "Fixes: 123456789abc (\"x\")\n\nsigned-off-by: B <b@x.org>\r\nNot a tag: c@x.org\n");
    REQUIRE(trailers.size() == 4);
    CHECK(trailers[0].key == "reported-by");
    CHECK(trailers[1].key == "cc");
    CHECK(trailers[2].key == "fixes");
    CHECK(trailers[3].key == "signed-off-by");
    CHECK(trailers[3].value == "B <b@x.org>");
    CHECK(trailers_of("Signed-off-by: only a subject <a@x.org>").empty());
    CHECK(trailers_of("").empty());
    CHECK(trailers_of(std::string(100'000, '\n')).empty());
    std::string many = "s\n\n";
    for (int i = 0; i < 1000; ++i) many += "Acked-by: A <a@x.org>\n";
    CHECK(trailers_of(many).size() == 100);
}

TEST_CASE("maintainers: patterns mean what get_maintainer.pl says", "[core]") {
    CHECK(file_pattern_matches("drivers/net/", "drivers/net/phy/a.c"));
    CHECK(file_pattern_matches("drivers/net", "drivers/net/phy/a.c"));
    CHECK_FALSE(file_pattern_matches("drivers/net", "drivers/network.c"));
    CHECK(file_pattern_matches("drivers/net/*", "drivers/net/a.c"));
    CHECK_FALSE(file_pattern_matches("drivers/net/*", "drivers/net/phy/a.c"));
    CHECK(file_pattern_matches("*/net/*", "drivers/net/a.c"));
    CHECK_FALSE(file_pattern_matches("*/net/*", "a/b/net/a.c"));
    CHECK(file_pattern_matches("fs/binfmt_elf.c", "fs/binfmt_elf.c"));
    CHECK_FALSE(file_pattern_matches("fs/binfmt_elf.c", "fs/binfmt_elf.cc"));
    CHECK(file_pattern_matches("fs/*binfmt_*.c", "fs/binfmt_elf.c"));
    CHECK(file_pattern_matches("fs/**/*foo*.c", "fs/a/b/a_foo_b.c"));
    CHECK_FALSE(file_pattern_matches("fs/**/*foo*.c", "fs/a/foo/b.c"));
    CHECK(file_pattern_matches("mm/?mu.c", "mm/mmu.c"));
    CHECK_FALSE(file_pattern_matches("mm?mmu.c", "mm/mmu.c"));
    CHECK(file_pattern_matches("*", "Makefile"));
    CHECK_FALSE(file_pattern_matches("*", "fs/exec.c"));
    CHECK(file_pattern_matches("*/", "fs/deep/exec.c"));
    CHECK_FALSE(file_pattern_matches("", "Makefile"));
    // Polynomial, whatever the pattern.
    CHECK_FALSE(file_pattern_matches(std::string(300, '*') + "x", std::string(3000, 'a')));
    std::string stars;
    for (int i = 0; i < 60; ++i) stars += "a*";
    CHECK_FALSE(file_pattern_matches(stars + "x", std::string(2000, 'a')));
}

TEST_CASE("maintainers: sections name people and lists; the catch-all names lists only", "[core]") {
    const std::string text =
        "List of maintainers\n===================\n\n\tM: *Mail* patches to\n\n"
        "EXEC\nM:\tOne <one@x.org>\nR:\tReviewer <rev@x.org>\nL:\tlinux-mm@kvack.org\n"
        "L:\tclosed@x.org (subscribers-only)\nS:\tMaintained\nF:\tfs/*binfmt_*.c\n\n"
        "FS\nM:\tTwo <two@x.org>\nM:\tOne <one@x.org>\nM:\tno address here\nF:\tfs/\n"
        "X:\tfs/proc/\n\n"
        "TEGRA\nM:\tThree <three@x.org>\nN:\t[^a-z]tegra\n\n"
        "GONE\nM:\tOld <old@x.org>\nS:\tObsolete\nF:\tfs/\n\n"
        "THE REST\nM:\tEverybody <all@x.org>\nL:\tlinux-kernel@vger.kernel.org\nF:\t*\nF:\t*/\n";
    Keepers keepers = keepers_of(text, {"fs/binfmt_elf.c"});
    CHECK(addresses(keepers.people) ==
          std::vector<std::string>{"one@x.org", "two@x.org", "rev@x.org"});
    CHECK(addresses(keepers.lists) ==
          std::vector<std::string>{"linux-mm@kvack.org", "linux-kernel@vger.kernel.org"});
    CHECK(keepers.sections == std::vector<std::string>{"EXEC", "FS"});
    keepers = keepers_of(text, {"fs/proc/base.c"});
    CHECK(keepers.people.empty());
    keepers = keepers_of(text, {"drivers/clk/tegra/clk.c"});
    CHECK(addresses(keepers.people) == std::vector<std::string>{"three@x.org"});
    CHECK(keepers_of("", {"a"}).lists.empty());
    CHECK(keepers_of("N:\t((((\nN:\t\nF:\nM:\n", {"a"}).people.empty());
}

TEST_CASE("maintainers: expressions that would take for ever are not tried", "[core]") {
    // The file comes with the tree of whoever wrote the bug.
    std::string text = "SANE\nM:\tKim <kim@example.org>\nN:\texec\n\n";
    for (int i = 0; i < 20'000; ++i)
        text += "S\nM:\tX <x@example.org>\nN:\t(" + std::string(90, 'a') + ")*b\n\n";
    text += "S\nM:\tY <y@example.org>\nN:\t((a?){30}){30}\n";
    std::vector<std::string> paths(100, std::string(200, 'a'));
    paths.emplace_back("fs/exec.c");
    paths.front() = "fs/exec.c";
    const Keepers keepers = keepers_of(text, paths);  // else the test runs into its limit
    REQUIRE(keepers.people.size() == 1);
    CHECK(keepers.people.front().address == "kim@example.org");
}

TEST_CASE("maintainers: what was too much stays too much, however much there is of it", "[core]") {
    std::vector<std::string> paths(100, std::string(4000, 'a'));
    paths.front() = "fs/exec.c";
    std::uint64_t bytes = 0;
    for (const std::string& path : paths) bytes += path.size() + 1;
    // As many as fill the sum of their costs, and one that makes it begin anew.
    constexpr std::uint64_t parts = 1'000'000'000;
    std::uint64_t sum = 0;
    std::string text = "S\nM:\tX <x@example.org>\n";
    for (; sum <= UINT64_MAX - parts * bytes; sum += parts * bytes) text += "N:\ta{1000000000}\n";
    text += "N:\ta{" + std::to_string((UINT64_MAX - sum) / bytes + 1) + "}\n\n";
    text += "SANE\nM:\tKim <kim@example.org>\nN:\texec\n";
    CHECK(keepers_of(text, paths).people.empty());
}
