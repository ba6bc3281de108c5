#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "adapters/store/sqlite_journal.hpp"
#include "tests/adapters/store/scratch.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::Scratch;
using test::sqlite3_shell;

namespace {

std::string text_of(std::uint64_t number) {
    return "event number " + std::to_string(number);
}

/// Appends for ever, a note and a batch of runs in turn, and tells each number that is durable.
[[noreturn]] void write_until_killed(const std::string& path, int tell) {
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    if (!journal) _exit(2);
    std::uint64_t seq = (*journal)->read_after(0, 1000000, {}).value().size();
    while (true) {
        ++seq;
        RunsRecorded runs{seq, 1, std::vector<Run>(50), "batch"};
        Event event = seq % 2 == 0 ? Event(Noted{text_of(seq)}) : Event(runs);
        if (!(*journal)->append(1, 5, event)) _exit(3);
        if (write(tell, &seq, sizeof seq) != sizeof seq) _exit(4);
    }
}

/// Kills a writer after it told `count` numbers. Returns the last number it told.
std::uint64_t kill_writer_after(const std::string& path, int count) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) write_until_killed(path, ends[1]);
    close(ends[1]);
    std::uint64_t told = 0;
    for (int i = 0; i < count; ++i) REQUIRE(read(ends[0], &told, sizeof told) == sizeof told);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    for (std::uint64_t later = 0; read(ends[0], &later, sizeof later) == sizeof later;)
        told = later;
    close(ends[0]);
    return told;
}

void check_prefix(const std::string& path, std::uint64_t told) {
    CHECK_THAT(sqlite3_shell(path, "PRAGMA integrity_check; PRAGMA foreign_key_check;").text,
               Contains("ok"));
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE(journal.has_value());
    std::vector<EventRecord> records = (*journal)->read(1).value();
    REQUIRE(records.size() >= told);
    REQUIRE(records.size() <= told + 1);  // durable, but killed before it could tell
    std::uint64_t runs = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        REQUIRE(records[i].seq == i + 1);
        if (auto* recorded = std::get_if<RunsRecorded>(&records[i].event))
            runs += recorded->runs.size();
        else
            REQUIRE(std::get<Noted>(records[i].event).text == text_of(i + 1));
    }
    CHECK_THAT(sqlite3_shell(path, "SELECT count(*) FROM run;").text,
               Contains("\n" + std::to_string(runs) + "\n"));
}

/// In a child of its own, because limits and signal dispositions are of the process:
/// fills the disk, then goes on after space was freed. Exit code 0: all as it should be.
[[noreturn]] void fill_disk(const std::string& path) {
    signal(SIGXFSZ, SIG_IGN);
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    if (!journal || !(*journal)->append(1, 5, Noted{"first"})) _exit(2);
    struct rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 300000;
    setrlimit(RLIMIT_FSIZE, &limit);
    std::size_t good = 1;
    Result<EventRecord> last = (*journal)->append(1, 5, Noted{std::string(20000, 'x')});
    for (; last && good < 1000; ++good)
        last = (*journal)->append(1, 5, Noted{std::string(20000, 'x')});
    if (last || last.error().kind != ErrorKind::infrastructure) _exit(3);
    if (last.error().what.find("nothing was half written") == std::string::npos) _exit(4);
    Result<std::vector<EventRecord>> read = (*journal)->read(1);
    if (!read || read->size() != good) _exit(5);
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    // The write was refused by something else than a full disk: what came of it has to be read
    // anew.
    if ((*journal)->append(1, 5, Noted{"before that"})) _exit(6);
    journal->reset();
    journal = SqliteJournal::open(path);
    if (!journal) _exit(7);
    Result<EventRecord> next = (*journal)->append(1, 5, Noted{"after"});
    if (!next || next->seq != good + 1) _exit(8);
    _exit(0);
}

}  // namespace

TEST_CASE("journal: a writer that is killed leaves a whole prefix of what it told", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    for (int count : {1, 7, 40, 90, 23}) {
        std::uint64_t told = kill_writer_after(path, count);
        check_prefix(path, told);
    }
}

TEST_CASE(
    "journal: a write that is refused is an error, nothing is half written, and it goes on anew",
    "[adapters]") {
    Scratch scratch;
    pid_t child = fork();
    if (child == 0) fill_disk(scratch.file("journal.db"));
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK_THAT(sqlite3_shell(scratch.file("journal.db"), "PRAGMA integrity_check;").text,
               Contains("ok"));
}
