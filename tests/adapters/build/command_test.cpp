#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "workbench.hpp"

using namespace workbench;
using Catch::Matchers::StartsWith;

namespace {
BuildOrder command(Bench& bench, const std::string& text) {
    BuildOrder order = bench.order(bench.first);
    order.spec.kind = BuildKind::command;
    order.spec.command = text;
    order.spec.artefacts = {"out/program"};
    return order;
}
}  // namespace

TEST_CASE("any command can leave artefacts", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "words", "from the recipe");
    const Artefact artefact = bench.artefact(
        command(bench,
                "mkdir out; { pwd; echo $SOURCE $OUTPUT $JOBS $COMMIT; cat $RECIPE/words; } "
                "> out/program; chmod 755 out/program"));
    CHECK(artefact.image().name == "program");
    CHECK(artefact.build_id.empty());
    CHECK(read(artefact.image().path) == bench.output() + "\n" + bench.source() + " " +
                                             bench.output() + " 2 " + bench.first.hex() +
                                             "\nfrom the recipe");
    CHECK(access(artefact.image().path.c_str(), X_OK) == 0);
}

TEST_CASE("a command that fails or leaves nothing refuses", "[adapters][build]") {
    Bench bench;
    auto failed = bench.build(command(bench, "echo 'x.c:1: error: no'; exit 3"));
    REQUIRE(failed);
    CHECK_THAT(std::get<BuildRefusal>(*failed).excerpt, Contains("x.c:1: error: no"));
    auto nothing = bench.build(command(bench, "true"));
    REQUIRE(nothing);
    CHECK_THAT(std::get<BuildRefusal>(*nothing).excerpt, Contains("out/program"));
}

TEST_CASE("artefacts cannot come from outside the output folder", "[adapters][build]") {
    Bench bench;
    auto link = bench.build(command(bench, "mkdir out; ln -s /etc/passwd out/program"));
    REQUIRE_FALSE(link);
    CHECK(link.error().kind == ErrorKind::request);
    CHECK_THAT(link.error().what, Contains("/etc/passwd"));
    auto folder = bench.build(command(bench, "ln -s /etc out; ln -s passwd out/program || true"));
    CHECK((!folder || std::holds_alternative<BuildRefusal>(*folder)));
    BuildOrder order = command(bench, "true");
    for (const char* name : {"../log", "/etc/passwd", "a/../../log", ""}) {
        order.spec.artefacts = {name};
        auto wrong = bench.build(order);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().kind == ErrorKind::request);
    }
    order.spec.artefacts.clear();
    CHECK(bench.build(order).error().kind == ErrorKind::request);
}

TEST_CASE("a file size limit and a full disk are the machine's", "[adapters][build]") {
    Bench bench;
    auto limited = bench.build(command(bench,
                                       "ulimit -f 8; mkdir out; (head -c 1000000 "
                                       "/dev/zero > out/program)"));
    REQUIRE_FALSE(limited);
    CHECK(limited.error().kind == ErrorKind::infrastructure);

    Folder small;
    if (mount("none", small.path.c_str(), "tmpfs", 0, "size=8m") != 0) {
        WARN("no right to mount: the full disk was not tried");
        return;
    }
    {
        build::WorkshopOptions options;
        options.spare_bytes = 0;
        CleanWorkshop workshop(small.path, options);
        BuildOrder order = command(bench, "mkdir out; cat /dev/zero > out/program");
        auto prepared = finish(workshop.prepare(order));
        REQUIRE(prepared);
        auto full = finish(workshop.build(order, std::get<PreparedTree>(*prepared), {}));
        REQUIRE_FALSE(full);
        CHECK(full.error().kind == ErrorKind::infrastructure);
        CHECK_THAT(full.error().what, Contains("No space left"));
    }
    CleanWorkshop careful(small.path, {});
    auto no_room = finish(careful.prepare(command(bench, "true")));
    REQUIRE_FALSE(no_room);
    CHECK_THAT(no_room.error().what, Contains("MiB are free"));
    umount2(small.path.c_str(), MNT_DETACH);
}

TEST_CASE("builds in a folder of another file system leave nothing in it", "[adapters][build]") {
    const Folder ram;
    const bool mounted = mount("none", ram.path.c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!mounted) WARN("no right to mount: the folder is on the same file system");
    build::WorkshopOptions options;
    options.builds_folder = ram / "builds";
    Bench bench(options);
    auto built = bench.build(command(bench, "mkdir out; echo one > out/program"));
    REQUIRE(built);
    CHECK(fs::exists(std::get<Artefact>(*built).files.front().path));
    CHECK_THAT(std::get<Artefact>(*built).files.front().path, StartsWith(bench.data.path));
    CHECK(fs::exists(ram / "builds/1/lock"));
    CHECK_FALSE(fs::exists(ram / "builds/1/source"));
    CHECK_FALSE(fs::exists(bench.data / "builders"));
    if (mounted) umount2(ram.path.c_str(), MNT_DETACH);
}

TEST_CASE("a builds folder that others may write to is refused", "[adapters][build]") {
    const Folder open;
    fs::create_directory(open / "builds");
    fs::permissions(open / "builds", fs::perms::all);
    build::WorkshopOptions options;
    options.builds_folder = open / "builds";
    Bench bench(options);
    auto refused = finish(bench.workshop.prepare(command(bench, "true")));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(refused.error().what, Contains("give another builds_folder"));
}
