#include <fmt/format.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat info{};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

std::string error_of(const Result<void>& result) {
    return result ? "done" : describe(result.error());
}

/// A tool that stands before the board's own; the line for sshd_config that makes it so.
std::string lying_tool(const Folder& folder, const std::string& name, const std::string& script) {
    fs::create_directories(folder / "bin");
    folder.text("bin/" + name, "#!/bin/sh\n" + script + "\n");
    here("chmod 755 " + (folder / "bin") + "/" + name);
    return fmt::format("SetEnv PATH={}:/usr/bin:/bin\n", folder / "bin");
}

}  // namespace

TEST_CASE("upload: a file arrives whole, with its mode, and progress is told", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const Server server(which == "dropbear" ? Kind::dropbear : Kind::openssh);
    if (!server.runs()) return;
    BoardSpec board = server.board();
    if (which == "local") board.transport = Transport::local;
    const Folder folder;
    const std::size_t size = GENERATE(0, 1, 20'000'000);
    const std::string local = folder.file("bzImage", size);
    const std::string remote = folder / "it's a kernel";
    folder.text("it's a kernel", "old");

    std::vector<Progress> told;
    const Result<void> done =
        run(put(board, local, remote, [&told](const Progress& now) { told.push_back(now); }));
    CHECK(error_of(done) == "done");
    CHECK(content(remote) == content(local));
    CHECK(mode_of(remote) == 0750);
    CHECK_FALSE(fs::exists(remote + ".tmp"));
    if (size == 0) return;
    REQUIRE_FALSE(told.empty());
    CHECK(told.back().done == size);
    CHECK(told.back().total == size);
    CHECK(told.back().text == "bzImage");
}

TEST_CASE("upload: what the board has got must be what was sent", "[adapters]") {
    const Folder folder;
    const std::string local = folder.file("image", 1'000'000);
    const std::string remote = folder / "target";
    folder.text("target", "old");
    // One byte turns on its way to the disk.
    const Server server(Kind::openssh, lying_tool(folder, "cat", "tr '\\001' '\\002'"));
    const Result<void> done = run(put(server.board(), local, remote, {}));
    CHECK_THAT(error_of(done), Contains("verify: ") && Contains("is not what was sent") &&
                                   Contains("1000000 bytes"));
    CHECK(content(remote) == "old");
    CHECK_FALSE(fs::exists(remote + ".tmp"));
}

TEST_CASE("upload: a board without sha256sum says so", "[adapters]") {
    const Folder folder;
    const std::string local = folder.file("image", 1000);
    const Server server(Kind::openssh, lying_tool(folder, "sha256sum", "exit 127"));
    const Result<void> done = run(put(server.board(), local, folder / "target", {}));
    CHECK_THAT(error_of(done), Contains("are sha256sum and wc there?"));
    CHECK_FALSE(fs::exists(folder / "target.tmp"));
}

namespace {

/// A file system of 2 MB; gone with the object. Made before a server with a name space of its own.
struct SmallDisk {
    explicit SmallDisk(const Folder& folder) : place(folder / "small") {
        fs::create_directories(place);
        const std::string mount = fmt::format("mount -t tmpfs -o size=2m none {} 2>&1", place);
        mounted = user_name() == "root" && here(mount + "; echo $?") == "0";
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted) here("umount " + place);
    }
    std::string place;
    bool mounted = false;
};

}  // namespace

TEST_CASE("upload: a full disk is named, and nothing is left on it", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const Folder folder;
    const SmallDisk disk(folder);
    if (!disk.mounted) {
        WARN("no tmpfs can be mounted here");
        return;
    }
    const Server server(which == "dropbear" ? Kind::dropbear : Kind::openssh);
    if (!server.runs()) return;
    BoardSpec board = server.board();
    if (which == "local") board.transport = Transport::local;
    const std::string local = folder.file("image", 8'000'000);
    const Result<void> done = run(put(board, local, disk.place + "/target", {}));
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(error_of(done), Contains("disk is full") && Contains("upload: "));
    CHECK(fs::is_empty(disk.place));
}

TEST_CASE("upload: names that cannot work are refused before anything is sent", "[adapters]") {
    const std::string which = GENERATE("openssh", "local");
    CAPTURE(which);
    const Server server(Kind::openssh);
    BoardSpec board = server.board();
    if (which == "local") board.transport = Transport::local;
    const Folder folder;
    const std::string local = folder.file("image", 10);
    CHECK_THAT(error_of(run(put(board, local, "relative", {}))), Contains("absolute path"));
    CHECK_THAT(error_of(run(put(board, folder / "nothing", folder / "x", {}))),
               Contains("cannot read") && Contains("No such file"));
    CHECK_THAT(error_of(run(put(board, folder / ".", folder / "x", {}))), Contains("not a file"));
    CHECK_THAT(error_of(run(put(board, local, folder / "no/such/folder", {}))),
               Contains("no/such/folder.tmp"));
    fs::create_directories(folder / "folder");
    CHECK_THAT(error_of(run(put(board, local, folder / "folder", {}))), Contains("cannot rename"));
    CHECK_FALSE(fs::exists(folder / "folder.tmp"));
    CHECK(fs::is_empty(folder / "folder"));
}

TEST_CASE("upload: a board that dies in the middle is lost, the old file stays", "[adapters]") {
    const Kind kind = GENERATE(Kind::openssh, Kind::dropbear);
    const Server server(kind);
    if (!server.runs()) return;
    const Folder folder;
    const std::string local = folder.file("image", 20'000'000);
    folder.text("target", "old");
    bool struck = false;
    ProgressSink strike = [&server, &struck](const Progress& now) {
        if (now.done > 5'000'000 && !struck) server.signal_sessions(SIGKILL);
        struck = struck || now.done > 5'000'000;
    };
    const Result<void> done = run(put(server.board(), local, folder / "target", strike));
    CHECK_THAT(error_of(done), Contains("upload: connection lost"));
    CHECK(content(folder / "target") == "old");
}
