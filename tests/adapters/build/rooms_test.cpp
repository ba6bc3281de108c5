#include "adapters/build/rooms.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <iostream>
#include <string>

#include "tests/small_disk.hpp"
#include "workbench.hpp"

using namespace bisectd;
using namespace bisectd::build;
using bisectd::tests::SmallDisk;
using Catch::Matchers::Contains;

namespace {

bool skipped(const SmallDisk& disk) {
    if (disk.problem().empty()) return false;
    std::cerr << "SKIPPED: " << Catch::getResultCapture().getCurrentTestName()
              << ": no small file system can be mounted here (" << disk.problem() << ")\n";
    return true;
}

/// Fills the disk until so much is free.
void leave(const SmallDisk& disk, std::uint64_t bytes) {
    workbench::write(disk / "other", std::string(disk.free_bytes() - bytes, 'x'));
}

/// Trees and outputs are on the disk; what is needed there is a quarter of 64 MiB.
WorkshopOptions with_builds_on(const SmallDisk& disk) {
    WorkshopOptions options;
    options.builds_folder = disk / "builds";
    options.spare_bytes = 16 << 20;
    options.ccache = false;
    return options;
}

}  // namespace

TEST_CASE("rooms: one where both folders are on one disk, none where nothing is kept free",
          "[adapters][build]") {
    const workbench::Folder folder;
    Place place{folder.path, {}, -1};
    const auto rooms = rooms_of(place);
    REQUIRE(rooms.size() == 1);
    CHECK(rooms[0].folder == folder.path.string());
    CHECK(rooms[0].floor_bytes == 1ULL << 30);
    CHECK(rooms[0].size_bytes >= rooms[0].free_bytes);
    CHECK(rooms[0].free_bytes > 0);
    CHECK_FALSE(rooms[0].only_builds);
    place.options.storage.keep_free_percent = 10;
    CHECK(rooms_of(place)[0].floor_bytes == rooms[0].size_bytes / 100 * 10);
    place.options.storage.keep_free_percent = 0;
    place.options.storage.keep_free_bytes = 0;
    CHECK(rooms_of(place).empty());
}

TEST_CASE("rooms: a builds folder on a disk of its own counts by itself", "[adapters][build]") {
    const workbench::Folder folder;
    const SmallDisk disk("8m");
    if (skipped(disk)) return;
    Place place{folder.path, {}, -1};
    place.options.builds_folder = disk / "not/there/yet";
    place.options.storage.keep_free_bytes = 4 << 20;
    auto rooms = rooms_of(place);
    REQUIRE(rooms.size() == 2);
    CHECK(rooms[1].only_builds);
    CHECK(rooms[1].missing_bytes() == 0);
    leave(disk, 1 << 20);
    rooms = rooms_of(place);
    CHECK(rooms[1].missing_bytes() >= 3 << 20);
    CHECK(rooms[1].missing_bytes() < 4 << 20);
}

TEST_CASE("a real full disk: nothing is checked out, and it is the lab's fault",
          "[adapters][build]") {
    const SmallDisk disk("64m");
    if (skipped(disk)) return;
    workbench::Bench bench;
    CleanWorkshop workshop(bench.data.path, with_builds_on(disk));
    leave(disk, 8 << 20);
    auto order = bench.order(bench.first);
    const auto refused = workbench::finish(workshop.prepare(order));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(refused.error().what, Contains("are free, 16 are needed"));
    std::filesystem::remove(disk / "other");
    CHECK(workbench::finish(workshop.prepare(order)));
}

TEST_CASE("a disk that fills while it builds is the lab's fault, and the trees it left are removed",
          "[adapters][build]") {
    const SmallDisk disk("64m");
    if (skipped(disk)) return;
    workbench::Bench bench;
    CleanWorkshop workshop(bench.data.path, with_builds_on(disk));
    BuildOrder order = bench.order(bench.first);
    order.spec.kind = BuildKind::command;
    order.spec.command = "dd if=/dev/zero of=big bs=1M count=500; false";
    order.spec.artefacts = {"big"};
    auto prepared = workbench::finish(workshop.prepare(order));
    REQUIRE(prepared);
    const auto tree = std::get<PreparedTree>(*prepared);
    const auto built = workbench::finish(workshop.build(order, tree, {}));
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    CHECK(disk.free_bytes() < 1 << 20);
    // Whoever waits for room before the next build gets it.
    Eviction eviction;
    eviction.trees = true;
    for (unsigned look = 0; look < 1000 && disk.free_bytes() < 60 << 20; ++look) {
        REQUIRE(workshop.evict(eviction));
        ::usleep(10'000);
    }
    CHECK(disk.free_bytes() > 60 << 20);
}
