#include <catch2/catch.hpp>

#include "ctl/sse.hpp"
#include "ctl/terminal.hpp"

using namespace bisectd::ctl;

TEST_CASE("sse: frames are found however the bytes are cut", "[ctl]") {
    const std::string bytes =
        ": hello\nretry: 2000\n\nid: 7\nevent: noted\ndata: {\"a\":1}\n\r\n"
        "data:one\ndata: two\r\n\nid: 9\nevent: empty\n\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        SseParser parser;
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            REQUIRE(parser.feed(std::string_view(bytes).substr(at, piece)));
        auto first = parser.next(), second = parser.next();
        REQUIRE((first && second));
        CHECK(first->id == "7");
        CHECK(first->kind == "noted");
        CHECK(first->data == "{\"a\":1}");
        CHECK(second->kind == "message");
        CHECK(second->id == "7");
        CHECK(second->data == "one\ntwo");
        CHECK_FALSE(parser.next());
        CHECK(parser.last_id() == "9");
    }
}

TEST_CASE("sse: a frame without end is given up", "[ctl]") {
    SseParser parser;
    const std::string much(1024 * 1024, 'x');
    int fed = 0;
    while (fed < 100 && parser.feed(much)) ++fed;
    CHECK(fed < 40);
}

TEST_CASE("terminal: lines are cut by characters, bars stay in their limits", "[ctl]") {
    CHECK(cut("abcdef", 6) == "abcdef");
    CHECK(cut("abcdefg", 6) == "abc...");
    CHECK(cut("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 5) == "\xc3\xa4\xc3\xa4...");
    CHECK(cut("abc", 2) == "ab");
    CHECK(cut("", 5).empty());
    CHECK(padded("\xc3\xa4", 3) == "\xc3\xa4  ");
    CHECK(bar(5, 10, 4) == "[##..]");
    CHECK(bar(20, 10, 4) == "[####]");
    CHECK(bar(1, 0, 4).size() == 6);
}
