#include "core/pattern.hpp"

#include <catch2/catch.hpp>
#include <chrono>

#include "core/pattern_size.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;

namespace {

/// Whether all of a search that could be meant to take for ever is over soon.
/// Source: 0.2 s for a mebibyte and the largest pattern on a busy processor, times 50.
template <class Search>
bool ends_soon(Search search) {
    const auto before = std::chrono::steady_clock::now();
    search();
    return std::chrono::steady_clock::now() - before < std::chrono::seconds(10);
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("pattern: the first line that has it anywhere is found", "[core]") {
    const std::string console = "[1.0] fine\r\n[2.0] BUG: KASAN: bad in f\x1b[0m\nBUG: later\n";
    CHECK(first_matching_line("BUG:", console) == "[2.0] BUG: KASAN: bad in f[0m");
    CHECK(first_matching_line("^BUG:", console) == "BUG: later");
    CHECK(first_matching_line("fine$", console) == "[1.0] fine");
    CHECK(first_matching_line("x|KASAN: .* in [a-z]", console));
    CHECK(first_matching_line("[[:digit:]]\\.0\\]", console));
    CHECK_FALSE(first_matching_line("^fine", console));
    CHECK_FALSE(first_matching_line("BUG:", ""));
    CHECK(first_matching_line(std::string(dying_kernel_pattern), "kernel: Oops: 0"));
}

TEST_CASE("pattern: what is no expression of POSIX is said, not passed over", "[core]") {
    for (const char* good :
         {"a", "a|b", "(a)|(b)", "[]a]", "[[:alpha:]_]{2,3}", "\\.", "a{2}b+c?", "\\[a\\]\\-\\/"})
        CHECK(pattern_fault(good).empty());
    // grep takes most of these; the daemon would search a console for them and never find them.
    for (const char* wrong : {"(", "a)|(b", "[z-a]", "[a", "(a)\\1", "\\w+", "\\bBUG", "\\<BUG\\>",
                              "\\`BUG", "BUG\\'", "a\\"})
        CHECK_THAT(pattern_fault(wrong), Contains("is no POSIX extended regular expression"));
    CHECK_FALSE(first_matching_line("a)|(b", "b"));
}

TEST_CASE("pattern: its size is known before anybody builds it", "[core]") {
    CHECK(pattern_size("").parts == 0);
    CHECK(pattern_size("abc").parts == 3);
    CHECK(pattern_size("a[]x\\]{3}b").parts == 5);
    CHECK(pattern_size("[[:alpha:]]{2,9}").parts == 9);
    CHECK(pattern_size("\\{\\(").parts == 2);
    CHECK(pattern_size("(ab{3}){100}").parts == 400);
    CHECK(pattern_size("((a{30}){30}){30}").parts == 27000);
    CHECK(pattern_size("((((((a{999}){999}){999}){999}){999}){999})").parts >= 1'000'000'000);
    CHECK(pattern_size("a{99999999999999999999999}").parts >= 1'000'000'000);
    CHECK(pattern_size("(ab)*{100}").parts == 300);
    CHECK(pattern_size("((a{900})+{900})?{900}").parts >= 900 * 900 * 900);
    CHECK(pattern_size("((()))").depth == 3);
    CHECK(pattern_size(")))").depth == 0);
    for (const char* odd : {"a{", "a{,", "[", "[^", "[[:", "[[:alpha", "(((", "\\", "{3}", "){2}"})
        CHECK(pattern_size(odd).parts < 10);
}

TEST_CASE("pattern: one that would take the memory or the stack is refused", "[core]") {
    CHECK_THAT(pattern_fault(std::string(1025, 'a')), Contains("longer than 1024 bytes"));
    CHECK_THAT(pattern_fault("((a{200}){200}){200}"), Contains("more than 2000 parts"));
    // Each optional part is a step down the matcher's stack.
    CHECK_THAT(pattern_fault("x(" + repeated("a?b?", 60) + "){300}"), Contains("2000 parts"));
    // A count may stand behind another sign of repetition.
    CHECK_THAT(pattern_fault("x((a?){40})*{2000}"), Contains("2000 parts"));
    CHECK_THAT(pattern_fault(repeated("(", 400) + "a" + repeated(")", 400)),
               Contains("50 parentheses within each other"));
    // The largest that are taken are searched for without harm.
    const std::string line(1024, 'a');
    for (const std::string& large : {std::string("x(a?){900}"), std::string("x(a*)*(a|aa)*y"),
                                     std::string("x((a?b?c?d?){10}){20}"),
                                     "x" + repeated("(", 49) + "a" + repeated(")*", 49)}) {
        INFO(large);
        CHECK(pattern_fault(large).empty());
        CHECK_FALSE(first_matching_line(large, line));
    }
}

TEST_CASE("pattern: the time of a search is linear in the text, whatever the pattern", "[core]") {
    // What backtracks is exponential in the first three; what begins anew at each character needs
    // a thousand times as long for the fourth.
    const std::string text = repeated(std::string(1023, 'a') + "\n", 64);
    for (const char* pattern : {"(a+)+$b", "(a|aa)+b", "(a*)*(a*)*(a*)*b", "a*a*a*a*b"}) {
        INFO(pattern);
        CHECK(ends_soon([&] { CHECK_FALSE(first_matching_line(pattern, text)); }));
    }
    const std::string console(std::size_t{4} << 20, 'a');  // one line: cut at 1024 bytes
    CHECK(ends_soon([&] { CHECK_FALSE(first_matching_line("b", console)); }));
}
