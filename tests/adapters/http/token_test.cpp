#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "adapters/http/token.hpp"
#include "adapters/json/event_json.hpp"
#include "adapters/json/text.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;

namespace {
std::string whole(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}
}  // namespace

TEST_CASE("token: only its digest is kept, for the owner only", "[adapters]") {
    TestFolder folder;
    const std::string path = folder.path() + "/token.sha256";
    CHECK(token_digest(path).value().empty());
    const Result<std::string> made = make_token(path);
    REQUIRE(made);
    CHECK(made->size() == 64);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(whole(path).find(*made) == std::string::npos);
    CHECK(token_digest(path).value() == digest_of_token(*made));
    CHECK(digest_of_token("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const Result<std::string> next = make_token(path);
    REQUIRE(next);
    CHECK(*next != *made);
    CHECK(token_digest(path).value() == digest_of_token(*next));
}

TEST_CASE("token: a file that others may read, or that holds no digest, is refused", "[adapters]") {
    TestFolder folder;
    const std::string path = folder.path() + "/token.sha256";
    std::ofstream(path) << std::string(64, 'a') << "\n";
    ::chmod(path.c_str(), 0640);
    CHECK(token_digest(path).error().kind == ErrorKind::request);
    CHECK(token_digest(path).error().what.find("mode 0600") != std::string::npos);
    ::chmod(path.c_str(), 0600);
    CHECK(token_digest(path).value() == std::string(64, 'a'));
    std::ofstream(path) << "short\n";
    CHECK(token_digest(path).error().kind == ErrorKind::request);
    CHECK_FALSE(make_token(folder.path() + "/no/such/folder/token"));
}

TEST_CASE("token: one that an earlier version kept in clear goes on to count", "[adapters]") {
    TestFolder folder;
    const std::string clear = folder.path() + "/token", path = clear + ".sha256";
    REQUIRE(hide_clear_token(clear, path));
    CHECK(token_digest(path).value().empty());
    std::ofstream(clear) << std::string(64, 'b') << "\n";
    ::chmod(clear.c_str(), 0600);
    REQUIRE(hide_clear_token(clear, path));
    CHECK(::access(clear.c_str(), F_OK) != 0);
    CHECK(token_digest(path).value() == digest_of_token(std::string(64, 'b')));
}

TEST_CASE("token: one that was made since counts, and none that lies in clear", "[adapters]") {
    TestFolder folder;
    const std::string clear = folder.path() + "/token", path = clear + ".sha256";
    std::ofstream(clear) << std::string(64, 'b') << "\n";
    ::chmod(clear.c_str(), 0600);
    // After an upgrade, before the daemon was started again.
    const Result<std::string> made = make_token(path);
    REQUIRE(made);
    REQUIRE(hide_clear_token(clear, path));
    CHECK(::access(clear.c_str(), F_OK) != 0);
    CHECK(token_digest(path).value() == digest_of_token(*made));
}

TEST_CASE("text: durations, sizes, counts and times are written for people", "[adapters]") {
    CHECK(duration_text(0) == "0 s");
    CHECK(duration_text(0.35) == "350 ms");
    CHECK(duration_text(0.9996) == "1 s");
    CHECK(duration_text(192.4) == "3 min 12 s");
    CHECK(duration_text(180) == "3 min");
    CHECK(duration_text(7500) == "2 h 5 min");
    CHECK(duration_text(3600 * 76) == "3 d 4 h");
    CHECK(duration_text(-1) == "0 s");
    CHECK(size_text(999) == "999 B");
    CHECK(size_text(11'234'567) == "11.2 MB");
    CHECK(count_text(1'352'400) == "1,352,400");
    CHECK(count_of(1, "suspect") == "1 suspect");
    CHECK(time_text(1'790'000'000'000) == "2026-09-21 14:13:20");
    CHECK(time_text(INT64_MAX) == "9223372036854775807 ms");
}

TEST_CASE("text: only valid UTF-8 goes out, and nothing that moves a cursor", "[adapters]") {
    CHECK(valid_utf8("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    CHECK(valid_utf8("\xff") == "\xEF\xBF\xBD");
    CHECK(valid_utf8("\xc0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(valid_utf8("\xed\xa0\x80").find('\xed') == std::string::npos);
    CHECK(valid_utf8("\xf4\x90\x80\x80").find('\xf4') == std::string::npos);
    CHECK(valid_utf8("a\xe2\x82") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(printable("a\tb\nc\x1b[31m\x7f") == "a b c\xEF\xBF\xBD[31m\xEF\xBF\xBD");
    CHECK(printable("\xc2\x9b"
                    "2J") ==
          "\xEF\xBF\xBD"
          "2J");
    CHECK(printable("\xe2\x80\xae") == "\xEF\xBF\xBD");
}

TEST_CASE("json: a record comes back as it was, and wrong ones name the part", "[adapters]") {
    EventRecord record;
    record.seq = 7;
    record.bisection = 3;
    record.at_ms_utc = 1'790'000'000'000;
    record.event = RunsRecorded{2, 1, {{17, Look::hit, 139, 11, 250}}, "b"};
    const Result<EventRecord> back = record_from_json(record_json(record));
    REQUIRE(back);
    CHECK(back->seq == 7);
    const auto& runs = std::get<RunsRecorded>(back->event).runs;
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].look == Look::hit);
    CHECK(runs[0].signal == 11);
    CHECK_FALSE(record_from_json("[]"));
    CHECK_FALSE(record_from_json(R"({"kind":"never_heard_of","body":{}})"));
    const auto wrong = record_from_json(R"({"kind":"runs_recorded","body":{"runs":[{"run":-1}]}})");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().what.find("runs[].run") != std::string::npos);
}
