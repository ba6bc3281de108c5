#include "adapters/build/artefact_store.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>

#include "adapters/build/stock.hpp"
#include "workbench.hpp"

using namespace bisectd;
using namespace bisectd::build;
using workbench::Folder;

namespace {
struct Shelf {
    Folder folder;
    Place place{folder.path, {}, -1};
    Sweeper sweeper{place.trash()};
    ArtefactStore store{place, sweeper};
    Result<Artefact> put(char key, const std::string& image, const std::string& commit = "a") {
        workbench::write(folder / "image", image);
        Artefact made;
        made.key = std::string(64, key);
        made.commit = *CommitId::parse(std::string(40, commit[0]));
        made.release = "6.1";
        made.drift = {"CONFIG_A: asked y, is n"};
        made.seconds = 1.5;
        return store.store(made, {{"image", folder / "image"}});
    }
};
}  // namespace

TEST_CASE("an artefact is found again with all that was said of it", "[adapters][build]") {
    Shelf shelf;
    REQUIRE(shelf.put('1', "kernel"));
    const auto found = shelf.store.find(std::string(64, '1'));
    REQUIRE(found);
    CHECK(found->release == "6.1");
    CHECK(found->drift == std::vector<std::string>{"CONFIG_A: asked y, is n"});
    CHECK(found->seconds == 1.5);
    CHECK(found->image().bytes == 6);
    CHECK(workbench::read(found->image().path) == "kernel");
    CHECK_FALSE(shelf.store.find(std::string(64, '2')));
    CHECK_FALSE(shelf.store.find("../../etc"));
}

TEST_CASE("a damaged artefact is not found", "[adapters][build]") {
    Shelf shelf;
    REQUIRE(shelf.put('1', "kernel"));
    const std::string key(64, '1');
    const std::string manifest = shelf.folder / ("artefacts/" + key + "/manifest.json");
    const std::string whole = workbench::read(manifest);
    for (std::size_t size = 0; size < whole.size() - 1; size += 7) {
        workbench::write(manifest, whole.substr(0, size));
        CHECK_FALSE(shelf.store.find(key));
    }
    workbench::write(manifest, whole);
    CHECK(shelf.store.find(key));
    workbench::write(shelf.folder / ("artefacts/" + key + "/files/image"), "kern");
    CHECK_FALSE(shelf.store.find(key));
}

TEST_CASE("an artefact changed at equal size is not taken, and is replaced by its rebuild",
          "[adapters][build]") {
    Shelf shelf;
    CleanWorkshop workshop(shelf.folder.path, {});
    const std::string key(64, '1');
    const std::string image = shelf.folder / ("artefacts/" + key + "/files/image");
    REQUIRE(shelf.put('1', "kernel"));
    CHECK(workbench::finish(workshop.take(key))->image().path == image);
    workbench::write(image, "kernal");
    CHECK_FALSE(workbench::finish(workshop.take(key)));
    REQUIRE(shelf.put('1', "kernel"));
    CHECK(workbench::read(image) == "kernel");
    CHECK(workbench::finish(workshop.take(key)));
}

TEST_CASE("an equal rebuild keeps what is there, another replaces it", "[adapters][build]") {
    Shelf shelf;
    REQUIRE(shelf.put('1', "kernel", "a"));
    auto same = shelf.put('1', "kernel", "b");
    REQUIRE(same);
    CHECK(same->commit.hex() == std::string(40, 'a'));
    auto other = shelf.put('1', "kernel2", "b");
    REQUIRE(other);
    CHECK(shelf.store.find(std::string(64, '1'))->commit.hex() == std::string(40, 'b'));
}

namespace {
/// Three artefacts of 1000 bytes, used an hour apart, the first one longest ago.
struct FullShelf : Shelf {
    FullShelf() {
        for (char key : {'1', '2', '3'}) {
            REQUIRE(put(key, std::string(1000, key)));
            use(key, std::chrono::hours{'4' - key});
        }
    }
    void use(char key, std::chrono::hours ago) {
        std::filesystem::last_write_time(folder / ("artefacts/" + std::string(64, key)),
                                         std::filesystem::file_time_type::clock::now() - ago);
    }
    /// The keys that went, in order.
    std::string evict(const Eviction& eviction = {}) {
        std::string keys;
        for (const EvictedArtefact& one : store.evict(eviction).value()) {
            CHECK_FALSE(one.why.empty());
            CHECK(one.artefact.bytes == 1000);
            keys += one.artefact.key[0];
        }
        return keys;
    }
};
}  // namespace

TEST_CASE("a store within its limits keeps all; a larger one loses what was unused for longest",
          "[adapters][build]") {
    FullShelf shelf;
    CHECK(shelf.evict().empty());
    shelf.place.options.storage.artefacts_bytes = 2000;
    CHECK(shelf.evict() == "1");
    CHECK_FALSE(shelf.store.find(std::string(64, '1')));
    CHECK(shelf.store.find(std::string(64, '2')));  // used just now
    shelf.place.options.storage.artefacts_bytes = 1000;
    CHECK(shelf.evict() == "3");
}

TEST_CASE("what is needed stays, whatever the limits say", "[adapters][build]") {
    FullShelf shelf;
    shelf.place.options.storage.artefacts_bytes = 0;
    Eviction eviction;
    eviction.needed = {std::string(64, '1'), std::string(64, '3')};
    CHECK(shelf.evict(eviction) == "2");
    eviction.missing_bytes = 1 << 20;
    CHECK(shelf.evict(eviction).empty());
}

TEST_CASE("what proofs rest on goes last, and only as much as is missing", "[adapters][build]") {
    FullShelf shelf;
    Eviction eviction;
    eviction.cherished = {std::string(64, '1'), std::string(64, '2')};
    eviction.missing_bytes = 1001;
    CHECK(shelf.evict(eviction) == "31");
}

TEST_CASE("what went before one that cannot be removed is told of", "[adapters][build]") {
    FullShelf shelf;
    shelf.place.options.storage.artefacts_bytes = 0;
    // A mount point cannot be moved; only root may make one.
    const std::string stuck = shelf.folder / ("artefacts/" + std::string(64, '2'));
    if (::mount(stuck.c_str(), stuck.c_str(), nullptr, MS_BIND, nullptr) != 0) {
        WARN("not tried: mount: " << std::strerror(errno));
        return;
    }
    const std::string went = shelf.evict();
    const auto again = shelf.store.evict({});
    ::umount2(stuck.c_str(), MNT_DETACH);
    CHECK(went == "1");
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorKind::infrastructure);
    CHECK(shelf.evict() == "23");
}

TEST_CASE("what was not used for longer than its age goes from a small store, too",
          "[adapters][build]") {
    FullShelf shelf;
    shelf.place.options.storage.artefacts_age = std::chrono::days(1);
    CHECK(shelf.evict().empty());
    shelf.use('2', std::chrono::hours(25));
    CHECK(shelf.evict() == "2");
}

TEST_CASE("what cannot be removed does not keep the sweeper busy", "[adapters][build]") {
    Folder programs;
    workbench::write(programs / "rm", "#!/bin/sh\nhead -c 1000000 /dev/zero >&2; exit 1\n");
    workbench::sh(programs.path, "chmod 755 rm");
    FullShelf shelf;
    const auto ends = [&shelf] {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (shelf.sweeper.busy() && std::chrono::steady_clock::now() < limit) sched_yield();
        return !shelf.sweeper.busy();
    };
    const std::string path = getenv("PATH");
    setenv("PATH", (programs.path.string() + ":" + path).c_str(), 1);
    REQUIRE(shelf.sweeper.discard(shelf.folder / "image"));
    shelf.sweeper.sweep();
    CHECK(ends());
    setenv("PATH", path.c_str(), 1);
    shelf.sweeper.sweep();
    CHECK_FALSE(shelf.sweeper.busy());  // nothing new is there
    REQUIRE(shelf.sweeper.discard(shelf.folder / "artefacts"));
    shelf.sweeper.sweep();
    CHECK(ends());
    CHECK(std::filesystem::is_empty(shelf.place.trash()));
}

TEST_CASE("what a kill left half written goes with the next look", "[adapters][build]") {
    FullShelf shelf;
    const std::string half = shelf.folder / ("artefacts/" + std::string(64, '4') + ".tmp");
    workbench::write(half + "/files/image", "x");
    CHECK(shelf.evict().empty());
    CHECK_FALSE(std::filesystem::exists(half));
}

TEST_CASE("the stock is what can be found, last used first", "[adapters][build]") {
    Shelf shelf;
    CHECK(workbench::finish(take_stock(shelf.place))->artefacts.empty());
    REQUIRE(shelf.put('1', "kernel"));
    REQUIRE(shelf.put('2', "another kernel"));
    const std::string first = shelf.folder / ("artefacts/" + std::string(64, '1'));
    std::filesystem::last_write_time(
        first, std::filesystem::last_write_time(first) + std::chrono::hours(1));
    workbench::write(shelf.folder / ("artefacts/" + std::string(64, '3') + ".tmp/half"), "x");
    const Stock stock = workbench::finish(take_stock(shelf.place)).value();
    REQUIRE(stock.artefacts.size() == 2);
    CHECK(stock.artefacts[0].key == std::string(64, '1'));
    CHECK(stock.artefacts[1].bytes == 14);
    CHECK(stock.bytes == 20);
    CHECK(stock.limit_bytes == shelf.place.options.storage.artefacts_bytes);
    CHECK(stock.artefacts[0].used_ms_utc >= stock.artefacts[1].used_ms_utc + 3'000'000);
}
