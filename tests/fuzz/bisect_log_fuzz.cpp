// A log comes out of anybody's mail. Beyond not crashing: what is read keeps its promises, is
// within its limits, and an error says which line is to blame in a bounded, printable text.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/bisect_log_text.hpp"
#include "core/error.hpp"

using namespace bisectd;

namespace {

void check(const NamedCommit& commit, std::size_t lines) {
    BISECTD_ASSERT(!commit.name.empty() && commit.name.size() <= 256);
    BISECTD_ASSERT(commit.name.front() != '-');
    for (const char c : commit.name)
        BISECTD_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    BISECTD_ASSERT(commit.line >= 1 && commit.line <= lines);
    BISECTD_ASSERT(!commit.id || !commit.id->empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::size_t lines = 1;
    for (const char c : text) lines += c == '\n' ? 1 : 0;
    const auto log = parse_bisect_log(text);
    if (!log) {
        const std::string said = describe(log.error());
        BISECTD_ASSERT(said.size() < 600);
        for (const char c : said) BISECTD_ASSERT(c >= 0x20 && c < 0x7f);
        return 0;
    }
    BISECTD_ASSERT(log->bad_word != log->good_word && !log->good.empty());
    BISECTD_ASSERT(log->paths.size() <= 256);
    check(log->bad, lines);
    for (const NamedCommit& good : log->good) check(good, lines);
    for (const NamedVerdict& verdict : log->verdicts) {
        check(verdict.commit, lines);
        BISECTD_ASSERT(verdict.since.empty() || verdict.verdict == Verdict::skip);
    }
    return 0;
}
