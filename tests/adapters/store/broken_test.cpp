#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <optional>

#include "adapters/store/sqlite_journal.hpp"
#include "tests/adapters/store/scratch.hpp"

using namespace bisectd;
using bisectd::test::Scratch;
using Catch::Matchers::Contains;

namespace {

/// What each write of SQLite gives, instead of writing; 0: it writes.
int write_errno = 0;
sqlite3_syscall_ptr real_write = nullptr;

ssize_t failing_write(int file, const void* bytes, size_t size, off_t offset) {
    if (write_errno != 0) {
        errno = write_errno;
        return -1;
    }
    return reinterpret_cast<ssize_t (*)(int, const void*, size_t, off_t)>(real_write)(file, bytes,
                                                                                      size, offset);
}

/// While it lives, SQLite writes through `failing_write`.
struct FailingDisk {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    const char* name = vfs->xGetSystemCall(vfs, "pwrite64") != nullptr ? "pwrite64" : "pwrite";
    FailingDisk() {
        real_write = vfs->xGetSystemCall(vfs, name);
        REQUIRE(real_write != nullptr);
        vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(failing_write));
    }
    ~FailingDisk() {
        write_errno = 0;
        vfs->xSetSystemCall(vfs, name, nullptr);
    }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;
};

}  // namespace

TEST_CASE("journal: after a full disk it goes on", "[adapters]") {
    const Scratch scratch;
    const FailingDisk disk;
    auto journal = SqliteJournal::open(scratch.file("journal.sqlite"));
    REQUIRE(journal);
    unsigned told = 0;
    (*journal)->on_broken([&told](const Error&) { ++told; });
    REQUIRE((*journal)->append(1, 1, Noted{"one"}));
    write_errno = ENOSPC;
    const auto refused = (*journal)->append(1, 2, Noted{"two"});
    REQUIRE_FALSE(refused);
    CHECK_THAT(describe(refused.error()), Contains("disk is full"));
    write_errno = 0;
    REQUIRE((*journal)->append(1, 3, Noted{"three"}));
    CHECK(told == 0);
    CHECK((*journal)->read(1)->size() == 2);
}

TEST_CASE(
    "journal: after a disk that fails it takes nothing, says why once, and is whole when it "
    "is opened anew",
    "[adapters]") {
    const Scratch scratch;
    const FailingDisk disk;
    {
        auto journal = SqliteJournal::open(scratch.file("journal.sqlite"));
        REQUIRE(journal);
        std::optional<Error> told;
        unsigned times = 0;
        (*journal)->on_broken([&](const Error& error) {
            told = error;
            ++times;
        });
        REQUIRE((*journal)->append(1, 1, Noted{"one"}));
        write_errno = EIO;
        REQUIRE_FALSE((*journal)->append(1, 2, Noted{"two"}));
        write_errno = 0;
        // The disk would take it now; but nobody knows what the file holds.
        const auto refused = (*journal)->append(1, 3, Noted{"three"});
        REQUIRE_FALSE(refused);
        CHECK_THAT(describe(refused.error()), Contains("journal.sqlite") &&
                                                  Contains("disk I/O error") &&
                                                  Contains("until bisectd is started again"));
        CHECK(times == 1);
        REQUIRE(told);
        CHECK(describe(*told) == describe(refused.error()));
    }
    auto journal = SqliteJournal::open(scratch.file("journal.sqlite"));
    REQUIRE(journal);
    const auto records = (*journal)->read(1);
    REQUIRE(records->size() == 1);
    CHECK(std::get<Noted>(records->front().event).text == "one");
    CHECK((*journal)->append(1, 4, Noted{"four"}));
}
