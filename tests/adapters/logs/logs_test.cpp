#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "adapters/logs/closed_log.hpp"
#include "adapters/logs/compression.hpp"
#include "adapters/logs/file_logs.hpp"
#include "tests/small_disk.hpp"

using namespace bisectd;
using namespace bisectd::logs;
using bisectd::tests::SmallDisk;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

/// A folder that is gone with the object.
struct Folder {
    std::string path = (fs::temp_directory_path() / "bisectd-logs-XXXXXX").string();
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const std::string& name) const { return path + "/" + name; }
};

void write(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

/// Lines like those of a kernel's build, no two alike; bytes that are no text, too.
std::string build_text(std::size_t bytes) {
    std::string text;
    for (unsigned line = 0; text.size() < bytes; ++line)
        text += "  CC [M]  drivers/net/part" + std::to_string(line * 7919 % 10'007) + "/file" +
                std::to_string(line) + ".o\n" + (line % 100 == 0 ? "\xff\x00\x1b[0m"s : "");
    text.resize(bytes);
    return text;
}

std::string all_of(const LogText& log) {
    std::string all, buffer;
    while (true) {
        const std::string_view piece = log.read(buffer, all.size(), 100'000);
        if (piece.empty()) return all;
        all += piece;
    }
}

std::string text_at(const std::string& file) {
    const auto log = open_log_file(file);
    return log == nullptr ? "(none)" : all_of(*log);
}

/// Nobody writes to it meanwhile.
Result<void> close_log(const std::string& file) {
    const Result<std::uint64_t> packed_bytes = pack_log(file);
    if (!packed_bytes) return std::unexpected(packed_bytes.error());
    return *packed_bytes == 0 ? Result<void>() : replace_by_packed(file, *packed_bytes);
}

/// What a program of this machine prints; nothing when there is no such program.
std::optional<std::string> printed_by(const std::string& command) {
    FILE* const pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
    if (pipe == nullptr) return std::nullopt;
    std::string out;
    char piece[65536];
    for (std::size_t got = 0; (got = ::fread(piece, 1, sizeof piece, pipe)) > 0;)
        out.append(piece, got);
    return ::pclose(pipe) == 0 ? std::optional(out) : std::nullopt;
}

bool skipped(const SmallDisk& disk) {
    if (disk.problem().empty()) return false;
    std::cerr << "SKIPPED: " << Catch::getResultCapture().getCurrentTestName()
              << ": no small file system can be mounted here (" << disk.problem() << ")\n";
    return true;
}

}  // namespace

TEST_CASE("logs: any part of a closed log reads as it was written", "[adapters]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(3 * frame_bytes + 12'345);
    write(file, text);
    REQUIRE(close_log(file));
    CHECK_FALSE(fs::exists(file));
    CHECK(fs::file_size(closed_name(file)) < text.size() / 4);
    const auto log = open_log_file(file);
    REQUIRE(log);
    CHECK(log->size_bytes() == text.size());
    CHECK(log->is_current());
    CHECK(all_of(*log) == text);
    std::string buffer;
    for (std::uint64_t at : {std::size_t{0}, std::size_t{1}, frame_bytes - 1, frame_bytes,
                             2 * frame_bytes + 7, text.size() - 1}) {
        const std::string_view part = log->read(buffer, at, 1000);
        REQUIRE_FALSE(part.empty());
        CHECK(part == std::string_view(text).substr(at, part.size()));
    }
    CHECK(log->read(buffer, text.size(), 10).empty());
    CHECK(log->read(buffer, ~std::uint64_t{0}, 10).empty());
}

TEST_CASE("logs: zstd's own program reads a closed log", "[adapters]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(2 * frame_bytes + 1);
    write(file, text);
    REQUIRE(close_log(file));
    const auto printed = printed_by("zstd -dc " + closed_name(file));
    if (!printed) {
        std::cerr << "SKIPPED: the program zstd is not there: apt-get install zstd\n";
        return;
    }
    CHECK(*printed == text);
    CHECK(printed_by("zstd -t " + closed_name(file)));
}

TEST_CASE("logs: what is too small to gain from it stays as it is", "[adapters]") {
    const Folder folder;
    write(folder / "runs.log", "run 1: clean\n");
    REQUIRE(close_log(folder / "runs.log"));
    CHECK(fs::exists(folder / "runs.log"));
    REQUIRE(close_log(folder / "none.log"));
    CHECK(open_log_file(folder / "none.log") == nullptr);
    CHECK(fs::directory_iterator(folder.path) != fs::directory_iterator());
    CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("logs: whatever a kill left between two moves, the log is whole", "[adapters]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(frame_bytes + 99);
    write(file, text);
    // Killed while the new file was written.
    write(closed_name(file) + ".tmp", "half");
    CHECK(text_at(file) == text);
    REQUIRE(close_log(file));
    CHECK_FALSE(fs::exists(closed_name(file) + ".tmp"));
    CHECK(text_at(file) == text);
    // Killed after the new file was in place, before the old one was gone: both stand.
    write(file, text);
    CHECK(text_at(file) == text);
    const auto stale = ClosedLog::open(file, closed_name(file));
    REQUIRE(stale);
    CHECK_FALSE((*stale)->is_current());
    REQUIRE(close_log(file));
    CHECK_FALSE(fs::exists(file));
    CHECK(text_at(file) == text);
}

TEST_CASE("logs: a daemon that is killed at any moment of a compression loses nothing",
          "[adapters]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(20 * frame_bytes);
    unsigned finished = 0;
    for (unsigned round = 0; round < 30; ++round) {
        REQUIRE(open_log_again(file).has_value() == (round > 0));
        if (round == 0) write(file, text);
        const pid_t child = ::fork();
        if (child == 0) {
            const bool closed = close_log(file).has_value();
            ::_exit(closed ? 0 : 1);
        }
        ::usleep(round * 3'000);
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        finished += WIFEXITED(status) ? 1 : 0;
        REQUIRE(text_at(file) == text);
        REQUIRE(close_log(file));
        REQUIRE(text_at(file) == text);
    }
    INFO("compressions that were not killed: " << finished);
    CHECK(finished < 30);
}

TEST_CASE("logs: a closed log that is written to again is opened again", "[adapters]") {
    const Folder folder;
    boost::asio::thread_pool pool(1);
    FileLogs logs(pool);
    const std::string file = folder / "console.log", text = build_text(frame_bytes);
    REQUIRE(logs.append(file, text));
    REQUIRE(close_log(file));
    const auto before = logs.open(file);
    REQUIRE(logs.append(file, "more\n"));
    CHECK_FALSE(before->is_current());
    CHECK(text_at(file) == text + "more\n");
    CHECK_FALSE(fs::exists(closed_name(file)));
    boost::asio::io_context context;
    std::optional<Result<void>> closed;
    boost::asio::co_spawn(context, logs.close(file),
                          [&closed](std::exception_ptr, Result<void> result) { closed = result; });
    context.run();
    REQUIRE((closed && *closed));
    CHECK(text_at(file) == text + "more\n");
    CHECK(logs.bytes_in(folder.path) < text.size() / 4);
    REQUIRE(logs.remove(folder.path));
    CHECK(logs.open(file) == nullptr);
}

TEST_CASE("logs: what is written while a log is compressed is not lost", "[adapters]") {
    const Folder folder;
    boost::asio::thread_pool pool(1);
    FileLogs logs(pool);
    const std::string file = folder / "console.log", text = build_text(frame_bytes);
    REQUIRE(logs.append(file, text));
    boost::asio::io_context context;
    std::optional<Result<void>> closed;
    boost::asio::co_spawn(context, logs.close(file),
                          [&closed](std::exception_ptr, Result<void> result) { closed = result; });
    context.poll();
    pool.join();  // it is compressed, and the thread that writes logs has not heard of it
    CHECK(fs::exists(file));
    REQUIRE(logs.append(file, "one more line\n"));
    context.run();
    REQUIRE(closed);
    CHECK_FALSE(*closed);
    CHECK_FALSE(fs::exists(closed_name(file)));
    CHECK(text_at(file) == text + "one more line\n");
}

TEST_CASE("logs: a damaged closed log gives no text that was not written", "[adapters]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(frame_bytes + 5'000);
    write(file, text);
    REQUIRE(close_log(file));
    std::ifstream in(closed_name(file), std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    const auto check = [&](const std::string& damaged) {
        write(closed_name(file), damaged);
        const auto log = open_log_file(file);
        if (log == nullptr) return;
        const std::string read = all_of(*log);
        CHECK(text.starts_with(read));
    };
    for (std::size_t cut = 1; cut <= 40; ++cut) check(whole.substr(0, whole.size() - cut));
    for (std::size_t at = whole.size() - 33; at < whole.size(); ++at)
        for (const char value : {'\x00', '\x01', '\x7f', '\xff'}) {
            std::string damaged = whole;
            damaged[at] = value;
            check(damaged);
        }
    for (std::size_t at = 0; at < whole.size() - 33; at += whole.size() / 64 + 1) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        check(damaged);
    }
    check("");
    check("x");
}

TEST_CASE("logs: a link is no log", "[adapters]") {
    const Folder folder;
    write(folder / "secret", build_text(10'000));
    fs::create_symlink(folder / "secret", folder / "build.log");
    CHECK(open_log_file(folder / "build.log") == nullptr);
    REQUIRE(close_log(folder / "build.log"));
    CHECK(fs::is_symlink(folder / "build.log"));
    boost::asio::thread_pool pool(1);
    CHECK_FALSE(FileLogs(pool).append(folder / "build.log", "x"));
}

TEST_CASE("logs: on a disk without room a log stays readable, and what fails is said",
          "[adapters]") {
    const SmallDisk disk("4m");
    if (skipped(disk)) return;
    const std::string file = disk / "build.log", text = build_text(std::size_t{3} << 20);
    write(file, text);
    write(disk / "other", std::string(disk.free_bytes() - 8192, 'x'));
    const auto closed = close_log(file);
    REQUIRE_FALSE(closed);
    CHECK_THAT(describe(closed.error()), Contains("No space left on device"));
    CHECK(text_at(file) == text);
    CHECK_FALSE(fs::exists(closed_name(file) + ".tmp"));
    boost::asio::thread_pool pool(1);
    const auto appended = FileLogs(pool).append(file, std::string(100'000, 'y'));
    REQUIRE_FALSE(appended);
    CHECK(appended.error().kind == ErrorKind::infrastructure);
    fs::remove(disk / "other");
    REQUIRE(close_log(file));
    CHECK(text_at(file).starts_with(text));
}

TEST_CASE("logs: how quick and how small (figures)", "[.figures]") {
    const Folder folder;
    const std::string file = folder / "build.log", text = build_text(std::size_t{50} << 20);
    write(file, text);
    const auto since = [](auto begin) {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count();
    };
    auto begin = std::chrono::steady_clock::now();
    REQUIRE(close_log(file));
    std::cout << "closed in " << since(begin) << " ms, " << text.size() << " to "
              << fs::file_size(closed_name(file)) << " bytes\n";
    begin = std::chrono::steady_clock::now();
    const auto log = open_log_file(file);
    std::string buffer;
    (void)log->read(buffer, text.size() / 2, 65'536);
    std::cout << "a window in its middle in " << since(begin) << " ms\n";
    begin = std::chrono::steady_clock::now();
    CHECK(all_of(*log).size() == text.size());
    std::cout << "all of it in " << since(begin) << " ms\n";
}
