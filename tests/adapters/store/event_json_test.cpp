#include "adapters/store/event_json.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "adapters/store/utf8.hpp"
#include "tests/adapters/store/sample_events.hpp"

using namespace bisectd;
using bisectd::store::event_version;
using Catch::Matchers::Contains;
using store::decode;
using store::encode;

namespace {

std::string refusal(std::string_view kind, std::string_view body) {
    Result<Event> event = decode(7, kind, event_version, body);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(event.error().where, Contains("event 7"));
    return describe(event.error());
}

const std::string commit_id(40, 'a');

}  // namespace

TEST_CASE("events: every kind with hostile content reads back as it was written", "[adapters]") {
    for (std::size_t turn = 0; turn < 84; ++turn)
        for (const Event& event : test::sample_events(turn)) {
            Result<std::string> body = encode(event);
            REQUIRE(body.has_value());
            Result<Event> back = decode(1, kind(event), event_version, *body);
            INFO(kind(event) << " turn " << turn << ": " << *body);
            REQUIRE(back.has_value());
            CHECK(back->index() == event.index());
            CHECK(encode(*back).value() == *body);
        }
}

TEST_CASE("events: a text comes back byte for byte when it is valid UTF-8", "[adapters]") {
    using namespace std::string_literals;
    std::string text = "nul \0 quote \" \xf0\x9f\x90\x9b \x7f"s;
    Result<std::string> body = encode(Noted{text});
    REQUIRE(body.has_value());
    Result<Event> back = decode(1, Noted::kind, event_version, *body);
    REQUIRE(back.has_value());
    CHECK(std::get<Noted>(*back).text == text);
}

TEST_CASE("events: bytes that are no UTF-8 become replacement characters", "[adapters]") {
    CHECK(store::valid_utf8("a\xff"
                            "b",
                            100) ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(store::valid_utf8("\xed\xa0\x80", 100) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(store::valid_utf8("\xe2\x82", 100) == "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(store::valid_utf8("gr\xc3\xbc\xc3\x9f", 100) == "gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("events: a text beyond the limit is cut between characters, with a mark", "[adapters]") {
    CHECK(store::valid_utf8("\xc3\xbc\xc3\xbc", 3) == "\xc3\xbc [cut]");
    std::string long_text(store::text_limit + 1, 'x');
    Result<std::string> body = encode(Noted{long_text});
    REQUIRE(body.has_value());
    CHECK(body->size() < store::text_limit + 100);
    CHECK_THAT(*body, Contains("[cut]"));
}

TEST_CASE("events: a number that is not finite and a body without measure are bugs", "[adapters]") {
    Built built;
    built.seconds = std::nan("");
    Result<std::string> body = encode(built);
    REQUIRE_FALSE(body.has_value());
    CHECK(body.error().kind == ErrorKind::bug);

    Built drifted;
    drifted.drift.assign(100, std::string(store::text_limit, 'x'));
    REQUIRE_FALSE(encode(drifted).has_value());
}

TEST_CASE("events: fields that are not known are ignored", "[adapters]") {
    Result<Event> event = decode(1, "noted", 1, R"({"later": {"a": [1]}, "text": "x"})");
    REQUIRE(event.has_value());
    CHECK(std::get<Noted>(*event).text == "x");
}

TEST_CASE("events: a body that does not fit names the event and the field", "[adapters]") {
    struct Row {
        const char* kind;
        std::string body;
        const char* message;
    };
    const std::vector<Row> rows{
        {"noted", "", "no valid JSON"},
        {"noted", "{\"text\": \"x\"", "no valid JSON"},
        {"noted", "{\"text\": \"\xff\"}", "no valid JSON"},
        {"noted", R"({"text": "\ud800"})", "no valid JSON"},
        {"noted", "[]", "no JSON object"},
        {"noted", "{}", "field text: is missing"},
        {"noted", R"({"text": 1})", "field text: should be a text"},
        {"noted", R"({"text": null})", "field text: should be a text"},
        {"noted", std::string(2000, '['), "no valid JSON"},
        {"made_up", "{}", "this kind of event is not known"},
        {"attempt_started", R"({"step": -1, "attempt": 1, "board": ""})",
         "field step: is a number out of range"},
        {"attempt_started", R"({"step": 1.5, "attempt": 1, "board": ""})",
         "field step: should be a whole number"},
        {"attempt_started", R"({"step": 1e400, "attempt": 1, "board": ""})", "step"},
        {"runs_recorded", R"({"step": 1, "attempt": 1, "runs": {}})",
         "field runs: should be a list"},
        {"runs_recorded", R"({"step": 1, "attempt": 1, "runs": [7]})",
         "field runs[0]: should be an object"},
        {"runs_recorded",
         R"({"step": 1, "attempt": 1,
             "runs": [{"run": 1, "look": "odd", "exit": 0, "signal": 0, "ms": 1}]})",
         "field runs[0].look: has a word that is not known"},
        {"runs_recorded",
         R"({"step": 1, "attempt": 1,
             "runs": [{"run": 1, "look": "hit", "exit": 3000000000, "signal": 0, "ms": 1}]})",
         "field runs[0].exit: is a number out of range"},
        {"bisection_ended", R"({"ending": "culprit", "commits": ["abc"], "cause": ""})",
         "field commits[0]: should be a full commit id"},
        {"bisection_ended", R"({"ending": "victory", "commits": [], "cause": ""})",
         "field ending: has a word that is not known"},
        {"bisection_requested", R"({"request": {"repository": 5}})",
         "field request.repository: should be a text"},
        {"recovery_tried", R"({"board": "b", "rung": "sysrq", "worked": 1, "detail": ""})",
         "field worked: should be true or false"},
    };
    for (const Row& row : rows) {
        INFO(row.kind << " " << row.body.substr(0, 120));
        CHECK_THAT(refusal(row.kind, row.body), Contains(row.message));
    }
}

TEST_CASE("events: fields that an older version lacked keep their defaults", "[adapters]") {
    Result<Event> event =
        decode(7, "verdict_given", 1,
               R"({"step": 3, "commit": "", "symptom": "s", "verdict": "good", "cause": "clean"})");
    REQUIRE(event.has_value());
    const auto& verdict = std::get<VerdictGiven>(*event);
    CHECK(verdict.step == 3);
    CHECK(verdict.bad_probability == -1);
}

TEST_CASE("events: a version of a newer bisectd is refused", "[adapters]") {
    Result<Event> event = decode(7, "noted", event_version + 1, R"({"text": "x"})");
    REQUIRE_FALSE(event.has_value());
    CHECK_THAT(describe(event.error()), Contains("is not known"));
}

TEST_CASE("events: a kind of hostile bytes is shown as valid text", "[adapters]") {
    CHECK_THAT(refusal("\xff\xff", "{}"), Contains("\xef\xbf\xbd"));
    CHECK_THAT(refusal("\x1b[2J\nx", "{}"), !Contains("\x1b") && !Contains("\n"));
}

TEST_CASE("events: a body with random damage is read or refused, never more", "[adapters]") {
    std::mt19937 chance(20260301);
    for (std::size_t turn = 0; turn < 200; ++turn)
        for (const Event& event : test::sample_events(turn)) {
            std::string body = encode(event).value();
            for (std::size_t change = chance() % 3 + 1; change > 0; --change) {
                std::size_t at = chance() % body.size();
                if (chance() % 2 == 0)
                    body[at] = static_cast<char>(chance() % 256);
                else
                    body.insert(at, 1, "[]{}\":,0-e"[chance() % 10]);
            }
            Result<Event> back = decode(1, kind(event), event_version, body);
            INFO(body);
            if (back)
                CHECK(encode(*back).has_value());
            else
                CHECK(back.error().kind == ErrorKind::infrastructure);
        }
}
