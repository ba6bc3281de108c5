#include "adapters/board/command_source.hpp"

#include <fmt/format.h>

#include "adapters/board/waiting.hpp"
#include "adapters/process/process.hpp"

namespace bisectd::board {
namespace {

std::string how_it_ended(const ProcessEnd& end) {
    if (end.timed_out) return "ended after a year";
    if (end.signal != 0) return fmt::format("ended by signal {}", end.signal);
    return fmt::format("ended with exit status {}", end.exit);
}

}  // namespace

Task<void> CommandSource::run(ConsoleLog& log) {
    BackOff back_off;
    std::string last_note;
    for (;;) {
        ProcessSpec spec;
        spec.arguments = {"sh", "-c", command_};
        spec.deadline = std::chrono::hours(24 * 365);  // it is meant to last; nothing waits for it
        bool printed = false;
        OutputSink sink = [&log, &printed](std::string_view piece) {
            log.append(piece);
            printed = true;
        };
        auto end = co_await run_process(std::move(spec), std::move(sink));
        if (!end && end.error().kind == ErrorKind::cancelled) co_return;
        const std::string news =
            "console command " + (end ? how_it_ended(*end) : ": " + describe(end.error()));
        if (printed) back_off.reset();
        if (printed || news != last_note) log.note(news + "; starting it again");
        last_note = news;
        co_await pause_for(back_off.next());
    }
}

}  // namespace bisectd::board
