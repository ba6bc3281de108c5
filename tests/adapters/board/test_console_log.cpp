#include <signal.h>
#include <sys/resource.h>

#include <regex>

#include "adapters/board/console_log.hpp"
#include "tests/adapters/board/bench.hpp"

using namespace bisectd;
using namespace bisectd::test;
using board::ConsoleLog;
using Catch::Matchers::Contains;

namespace {

std::unique_ptr<ConsoleLog> opened(const std::string& path,
                                   std::uint64_t rotate_above = ConsoleLog::rotate_above_bytes) {
    auto log = ConsoleLog::open(path, rotate_above);
    REQUIRE(log);
    return std::move(*log);
}

}  // namespace

TEST_CASE("console log: each line of the file has a time stamp, what is asked for has none",
          "[adapters]") {
    TemporaryFolder folder;
    const std::string path = folder / "boards/vb1/console.log";
    auto log = opened(path);
    const auto mark = log->mark();
    log->append("[    0.000000] Lin");
    log->append("ux\r\npanic\r\n");
    CHECK(log->since(mark, 1000) == "[    0.000000] Linux\npanic\n");
    const std::regex lines(
        "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z \\[    0\\.000000\\] Linux\\r\\n"
        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z panic\\r\\n$");
    CHECK(std::regex_match(content(path), lines));
}

TEST_CASE("console log: a mark sees only what came after it, at most the last bytes",
          "[adapters]") {
    TemporaryFolder folder;
    auto log = opened(folder / "log");
    log->append("old\n");
    const auto mark = log->mark();
    CHECK(log->since(mark, 100).empty());
    log->append("new 1\nnew 2\n");
    CHECK(log->since(mark, 100) == "new 1\nnew 2\n");
    CHECK(log->since(mark, 6) == "new 2\n");
    CHECK(log->since(mark, 0).empty());
    CHECK(log->since(0, 100) == "old\nnew 1\nnew 2\n");
    CHECK(log->since(1'000'000, 100).empty());  // a mark of another life
}

TEST_CASE("console log: hostile bytes are kept but NUL, and hurt nothing", "[adapters]") {
    TemporaryFolder folder;
    auto log = opened(folder / "log");
    std::string all;
    for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
    log->append(all);
    log->append(std::string(1000, '\0'));
    CHECK(log->mark() == 255);
    CHECK_THAT(log->since(0, 1000), Contains("\x1b") && Contains("\xff"));
    CHECK(log->since(0, 1000).find('\0') == std::string::npos);
    CHECK(content(folder / "log").find('\0') == std::string::npos);
}

TEST_CASE("console log: it rotates, keeps one old file, and marks stay valid", "[adapters]") {
    TemporaryFolder folder;
    const std::string path = folder / "log";
    auto log = opened(path, 10'000);
    const auto first = log->mark();
    log->append("the very first line\n");
    std::uint64_t mark = 0;
    for (int i = 0; i < 1000; ++i) {
        if (i == 990) mark = log->mark();
        log->append("line " + std::to_string(i) + "\n");
    }
    CHECK_THAT(log->since(mark, 1000), Catch::Matchers::StartsWith("line 990\n"));
    CHECK_THAT(log->since(first, 100'000), Catch::Matchers::StartsWith("the very first line\n"));
    CHECK(std::filesystem::file_size(path) <= 10'100);
    CHECK(std::filesystem::file_size(path + ".1") <= 10'100);
    CHECK(std::filesystem::file_size(path + ".1") >= 10'000);
    CHECK_FALSE(std::filesystem::exists(path + ".2"));
}

TEST_CASE("console log: a line that never ends cannot fill disk or memory", "[adapters]") {
    TemporaryFolder folder;
    const std::string path = folder / "log";
    auto log = opened(path, 100'000);
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 1000; ++i) log->append(piece);
    CHECK(log->mark() == 10'000'000);
    CHECK(log->since(0, 100'000'000).size() <= 2 * ConsoleLog::tail_bytes);
    CHECK(log->since(0, 100'000'000).size() >= ConsoleLog::tail_bytes);
    CHECK(std::filesystem::file_size(path) <= 220'000);
    CHECK(std::filesystem::file_size(path + ".1") <= 220'000);
}

TEST_CASE("console log: after a kill in the middle of a line the next line is a new one",
          "[adapters]") {
    TemporaryFolder folder;
    opened(folder / "log")->append("half a li");
    opened(folder / "log")->append("next\n");
    CHECK_THAT(content(folder / "log"), Contains("half a li\n2"));
}

TEST_CASE("console log: our own notes stand in the file and are never matched", "[adapters]") {
    TemporaryFolder folder;
    auto log = opened(folder / "log");
    log->append("half");
    log->note("connection lost:\nKernel panic");
    log->append("rest\n");
    CHECK(log->since(0, 100) == "halfrest\n");
    CHECK_THAT(content(folder / "log"), Contains("Z bisectd: connection lost: | Kernel panic\n"));
}

TEST_CASE("console log: a disk that is full loses bytes in the file only", "[adapters]") {
    TemporaryFolder folder;
    const std::string path = folder / "log";
    auto log = opened(path);
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{100, before.rlim_max};
    const auto old = signal(SIGXFSZ, SIG_IGN);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    log->append(std::string(500, 'x') + "\n");
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    signal(SIGXFSZ, old);
    log->append("there is room again\n");
    CHECK(log->since(0, 1000).size() == 521);
    CHECK_THAT(content(path), Contains("bytes could not be written here\n") &&
                                  Contains("Z there is room again\n"));
}

TEST_CASE("console log: a place that cannot be written is an error", "[adapters]") {
    auto log = ConsoleLog::open("/proc/nowhere/console.log");
    REQUIRE_FALSE(log);
    CHECK(log.error().kind == ErrorKind::infrastructure);
}
