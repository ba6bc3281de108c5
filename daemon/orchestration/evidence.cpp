#include "orchestration/evidence.hpp"

#include <string_view>
#include <tuple>

namespace bisectd {
namespace {

/// Most of the console that is kept of one attempt. Source: a kernel log buffer is 128 KiB to 1
/// MiB.
constexpr std::size_t console_limit_bytes = 1024UL * 1024;

void append(const Attempt& attempt, const std::string& which, const std::string& text) {
    const std::string path = evidence_file(attempt.lab.workshop, attempt.chronicle.id(),
                                           attempt.step, attempt.number, which);
    auto written = attempt.lab.logs.append(path, text);
    // Evidence for people: its loss spoils no verdict, but it is said. A journal that does not take
    // that says so at the attempt's next event.
    if (!written)
        std::ignore =
            attempt.chronicle.record(Noted{"a log is incomplete: " + describe(written.error())});
}

}  // namespace

std::string evidence_file(const Workshop& workshop, BisectionId bisection, std::uint64_t step,
                          std::uint64_t attempt, const std::string& which) {
    std::string path = workshop.log_path(bisection, step, attempt);
    constexpr std::string_view build = "build";
    if (const std::size_t at = path.rfind(build); at != std::string::npos)
        path.replace(at, build.size(), which);
    else if (which != build)
        path += "." + which;
    return path;
}

void save_console(const Attempt& attempt, std::uint64_t mark) {
    if (!attempt.board.console.available()) return;
    append(attempt, "console", attempt.board.console.since(mark, console_limit_bytes));
}

void save_runs(const Attempt& attempt, const std::string& text) {
    append(attempt, "runs", text);
}

}  // namespace bisectd
