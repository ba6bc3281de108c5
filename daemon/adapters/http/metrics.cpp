#include "adapters/http/metrics.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "adapters/http/usage.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

/// How often each word of a set was seen. All are there from the beginning, so that a rate can be
/// taken from the first one on.
template <Worded E>
class Tally {
  public:
    Tally() {
        for (const auto& [value, text] : Words<E>::all) counts_[value] = 0;
    }
    void add(E value, std::uint64_t count = 1) { counts_[value] += count; }
    Counts counts() const {
        Counts out;
        for (const auto& [value, count] : counts_) out[std::string(word(value))] = count;
        return out;
    }

  private:
    std::map<E, std::uint64_t> counts_;
};

/// A label's value. Source: Prometheus' text format: backslash, quote and line feed are escaped.
std::string label(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void family(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::string_view label_name, const Counts& counts) {
    head(out, name, type, help);
    for (const auto& [value, count] : counts)
        out += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label_name, label(value), count);
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
    head(out, name, type, help);
    out += fmt::format("{} {}\n", name, value);
}

void process_part(std::string& out) {
    std::ifstream pages("/proc/self/statm");
    std::uint64_t size = 0, resident = 0;
    if (pages >> size >> resident)
        single(out, "process_resident_memory_bytes", "gauge", "Memory in use.",
               static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    single(out, "process_cpu_seconds_total", "counter", "Processor time used.",
           seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

void boards_part(std::string& out, Control& control) {
    const Result<std::vector<BoardStatus>> boards = control.boards();
    if (!boards) return;  // what is wrong with them is on their page
    head(out, "bisectd_board_state", "gauge", "1 for the state that a board is in.");
    for (const BoardStatus& board : *boards)
        out += fmt::format("bisectd_board_state{{board=\"{}\",state=\"{}\"}} 1\n",
                           label(board.name), label(board.state));
}

}  // namespace

std::string metrics_text(Control& control, std::uint64_t last_seq) {
    Tally<Activity> activities;
    Tally<Ending> endings;
    Tally<Outcome> outcomes;
    Tally<Verdict> verdicts;
    Tally<Look> looks;
    const std::vector<const BisectionState*> bisections = control.bisections();
    for (const BisectionState* state : bisections) {
        activities.add(state->activity);
        if (state->ended) endings.add(state->ended->ending);
        for (const StepState& step : state->steps) {
            if (step.verdict) verdicts.add(step.verdict->verdict);
            for (const AttemptState& attempt : step.attempts) {
                if (attempt.ended) outcomes.add(attempt.ended->outcome);
                for (const auto& [look, count] : attempt.looks) looks.add(look, count);
            }
        }
    }
    const ArtefactsView usage = usage_of(bisections);
    std::string out;
    family(out, "bisectd_bisections", "gauge", "Bisections by what they do.", "activity",
           activities.counts());
    family(out, "bisectd_bisections_ended_total", "counter", "Bisections by how they ended.",
           "ending", endings.counts());
    family(out, "bisectd_verdicts_total", "counter", "Steps by their verdict.", "verdict",
           verdicts.counts());
    family(out, "bisectd_attempts_total", "counter", "Attempts by how they ended.", "outcome",
           outcomes.counts());
    family(out, "bisectd_runs_total", "counter", "Runs of reproducers by what they showed.", "look",
           looks.counts());
    family(out, "bisectd_artefacts_total", "counter", "Artefacts needed, by where they came from.",
           "from", {{"build", usage.builds}, {"store", usage.reuses}});
    single(out, "bisectd_build_seconds_total", "counter", "Time that builds took.",
           usage.build_seconds);
    boards_part(out, control);
    single(out, "bisectd_journal_last_seq", "counter", "Events in the journal.",
           static_cast<double>(last_seq));
    process_part(out);
    return out;
}

}  // namespace bisectd::http
