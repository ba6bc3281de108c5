#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <sstream>

#include "ctl/likelihood.hpp"
#include "ctl/screen.hpp"

using namespace bisectd;
using namespace bisectd::ctl;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

Terminal sized(std::ostream& out, std::size_t width, std::size_t height, bool colours = false) {
    return Terminal{out, out, true, colours, width, height};
}

/// Columns of a line, without colours.
std::size_t columns_of(const std::string& line) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\x1b')
            at = line.find('m', at);
        else if ((static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U)
            ++columns;
    }
    return columns;
}

Json state_with(std::size_t steps) {
    Json state;
    state["suspects_at_start"] = 1024;
    state["suspects"] = 32;
    boost::json::array list;
    for (std::size_t i = 1; i <= steps; ++i) {
        Json step, verdict;
        step["number"] = i;
        step["commit"] = std::string(40, 'a');
        step["purpose"] = "search";
        step["subject"] = "a subject that is longer than most windows are wide, with \x1b[2J in it";
        step["started_ms_utc"] = 1000;
        step["ended_ms_utc"] = 61'000;
        verdict["verdict"] = "bad";
        verdict["bad_probability"] = 0.997;
        step["verdict"] = verdict;
        list.push_back(step);
    }
    state["steps"] = list;
    return state;
}

/// Two thirds of the way along the range the culprit is likeliest; at its beginning it is not.
Json survey() {
    Json likely, survey;
    likely["probability"] = 0.625;
    likely["commit"] = std::string(40, 'c');
    likely["subject"] = "mm: \x1b[2J";
    survey["likely"] = boost::json::array{likely};
    survey["probability"] = boost::json::array{0, 0.01, 0.04, 0.9, 0.05, 0};
    return survey;
}

}  // namespace

TEST_CASE("screen: one line shows how likely the culprit is where", "[ctl]") {
    std::ostringstream out;
    Terminal terminal = sized(out, 100, 20);
    CHECK(likely_line(survey(), terminal) == "likely   [ .:#: ] 62.5 % cccccccccccc mm: �[2J");
    terminal.unicode = true;
    CHECK_THAT(likely_line(survey(), terminal), StartsWith("likely   [ ▁▂█▂ ] 62.5 % cccc"));
    Json many = survey();
    boost::json::array bins;
    for (int i = 0; i < 1000; ++i) bins.push_back(i == 999 ? 0.5 : 0.0005);
    many["probability"] = bins;
    const std::string line = likely_line(many, terminal);
    CHECK(columns_of(line.substr(0, line.find(']'))) == std::string_view("likely   [").size() + 40);
    CHECK_THAT(line, Contains("▂█]"));
    for (const char* nothing : {"{}", R"({"probability": []})", R"({"probability": [0, 0]})",
                                R"({"probability": ["x", null, -1]})", R"({"probability": 7})"})
        CHECK(likely_line(boost::json::parse(nothing).as_object(), terminal).empty());
}

TEST_CASE("screen: a frame fills every size of window exactly and never more", "[ctl]") {
    std::ostringstream out;
    const std::vector<std::string> status{"bisection 1", "32 left", "step 9", "  build", "  boot"};
    for (const bool colours : {false, true})
        for (std::size_t height = 4; height <= 60; height += 3)
            for (std::size_t width = 20; width <= 200; width += 20) {
                const Terminal terminal = sized(out, width, height, colours);
                std::deque<std::string> events;
                for (int i = 0; i < 30; ++i)
                    events.push_back(cut_painted(
                        terminal.paint(Colour::bad, "12:00:00 event " + std::string(300, 'x')),
                        width - 1));
                const auto lines = watch_frame(status, state_with(40), survey(), events, terminal);
                INFO(width << " x " << height);
                CHECK(lines.size() == height);
                for (const std::string& line : lines) CHECK(columns_of(line) < width);
                CHECK_THAT(lines.back(), Contains("Ctrl-C"));
            }
}

TEST_CASE("screen: status, range, the latest steps and the latest events, in this order", "[ctl]") {
    std::ostringstream out;
    std::deque<std::string> events;
    for (int i = 1; i <= 9; ++i) events.push_back("event " + std::to_string(i));
    const auto lines =
        watch_frame({"the status"}, state_with(30), survey(), events, sized(out, 100, 20));
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    CHECK_THAT(all, Contains("the status\nrange    [####################....................] "
                             "5.0 of 10.0 halvings\nlikely   [ .:#: ] 62.5 % cccc"));
    CHECK_THAT(all, Contains("  30  aaaaaaaaaaaa  search            bad, 99.7 %  ") &&
                        Contains("  1 min  a sub"));
    CHECK_THAT(all, !Contains("   1  aaaa"));
    CHECK_THAT(all, Contains("event 9\n") && !Contains("event 1\n"));
    CHECK_THAT(all, !Contains("\x1b"));
    CHECK(all.find("  30  aaaa") < all.find("event 9"));
}

TEST_CASE("screen: it takes the whole terminal and gives it back, once", "[ctl]") {
    std::ostringstream out;
    const Terminal terminal = sized(out, 80, 24);
    {
        Screen screen(terminal);
        CHECK(out.str().empty());
        screen.draw({"one", "two"});
        screen.draw({"one", "two"});
        screen.leave();
        screen.leave();
    }
    const std::string text = out.str();
    CHECK(text.find("\x1b[?1049h") == text.rfind("\x1b[?1049h"));
    CHECK(text.find("\x1b[?1049l") == text.rfind("\x1b[?1049l"));
    CHECK_THAT(text, Contains("\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J"));
    CHECK(text.ends_with("\x1b[?25h\x1b[?7h\x1b[?1049l"));
}
