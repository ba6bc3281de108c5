#include "adapters/json/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "adapters/json/text.hpp"

namespace bisectd {
namespace {

// Long enough for a cause, short enough that one event cannot fill a terminal.
constexpr std::size_t longest_text = 400;

std::string shown(const std::string& text) {
    return printable(std::string_view(text).substr(0, longest_text));
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + shown(text);
    return out;
}

std::string colon(const std::string& cause) {
    return cause.empty() ? "" : ": " + shown(cause);
}

std::uint64_t rounded(double number) {
    constexpr double most = 1e15;  // a count that no page needs to tell from infinity
    return number > 0 ? static_cast<std::uint64_t>(std::llround(std::min(number, most))) : 0;
}

struct Sentence {
    std::string operator()(const BisectionRequested& e) const {
        const StartRequest& r = e.request;
        std::string text =
            fmt::format("asked: good {}, bad {}, recipe {}, board {}", joined(r.good), shown(r.bad),
                        shown(r.recipe), joined(r.boards()));
        if (!r.hints.empty()) text += ", hints " + joined(r.hints);
        if (!r.replay.empty()) text += ", with a log to replay";
        if (r.priority != 0) text += fmt::format(", priority {}", r.priority);
        return text;
    }
    std::string operator()(const RangeResolved& e) const {
        return fmt::format("range: {}, bad end {}", count_of(e.suspects, "suspect"), e.bad.brief());
    }
    std::string operator()(const StepStarted& e) const {
        return fmt::format("step {}, {}: {} \"{}\"; {} left", e.step, purpose_text(e.purpose),
                           e.commit.brief(), shown(e.subject), count_of(e.suspects, "suspect"));
    }
    std::string operator()(const AttemptStarted& e) const {
        return fmt::format("step {}, attempt {} on board {}", e.step, e.attempt, shown(e.board));
    }
    std::string operator()(const TreePrepared& e) const {
        return e.patches.empty() ? "checked out, clean"
                                 : "checked out, clean; patches: " + joined(e.patches);
    }
    std::string operator()(const BuildStarted&) const { return "build started"; }
    std::string operator()(const Built& e) const {
        std::string text =
            e.from_store ? "artefact taken from the store" : "built in " + duration_text(e.seconds);
        if (!e.build_id.empty()) text += ", build-id " + shown(e.build_id).substr(0, 12);
        if (!e.rebuild.empty()) text += ", " + shown(e.rebuild) + " to the one in the store";
        if (!e.drift.empty()) text += "; config drift: " + joined(e.drift);
        return text;
    }
    std::string operator()(const Deployed& e) const {
        return fmt::format("deployed {} in {}", size_text(e.bytes), duration_text(e.seconds));
    }
    std::string operator()(const BootStarted&) const { return "boot started"; }
    std::string operator()(const KernelProven& e) const {
        return fmt::format("kernel proven after {}: {}, build-id {}", duration_text(e.boot_seconds),
                           shown(e.release), shown(e.build_id).substr(0, 12));
    }
    std::string operator()(const RunsStarted& e) const {
        return e.planned == 0
                   ? fmt::format("runs started for {}", shown(e.symptom))
                   : fmt::format("{} started for {}", count_of(e.planned, "run"), shown(e.symptom));
    }
    std::string operator()(const RunsRecorded& e) const {
        if (e.runs.empty()) return "no run recorded";
        std::map<Look, std::uint64_t> looks;
        for (const Run& run : e.runs) ++looks[run.look];
        const std::string which =
            e.runs.size() == 1
                ? fmt::format("run {}", e.runs.front().run)
                : fmt::format("runs {} to {}", e.runs.front().run, e.runs.back().run);
        return which + ": " + looks_text(looks);
    }
    std::string operator()(const RunsEnded&) const { return "the ordered runs are done"; }
    std::string operator()(const AttemptEnded& e) const {
        if (e.stopped)
            return fmt::format("attempt {} ended at {}, {}", e.attempt, rung_text(e.rung),
                               shown(e.cause));
        return fmt::format("attempt {} ended at {}: {}{}", e.attempt, rung_text(e.rung),
                           word(e.outcome), colon(e.cause));
    }
    std::string operator()(const VerdictGiven& e) const {
        const std::string sure = probability_text(word(e.verdict), e.bad_probability);
        return fmt::format("step {}: {} is {}{}{}", e.step, e.commit.brief(), word(e.verdict),
                           sure.empty() ? "" : ", " + sure, colon(e.cause));
    }
    std::string operator()(const CommitJudged& e) const {
        return e.withdrawn ? fmt::format("a person withdrew the verdict of {}{}", e.commit.brief(),
                                         colon(e.why))
                           : fmt::format("a person judged {} {}{}", e.commit.brief(),
                                         word(e.verdict), colon(e.why));
    }
    std::string operator()(const EvidenceWithdrawn& e) const {
        return fmt::format("what step {}, attempt {} showed counts no more{}", e.step, e.attempt,
                           colon(e.why));
    }
    std::string operator()(const ContradictionFound& e) const {
        return fmt::format("contradiction: {} was bad and its descendant {} good{}", e.bad.brief(),
                           e.good.brief(), colon(e.cause));
    }
    std::string operator()(const BoardQuarantined& e) const {
        return fmt::format("board {} is not used any more{}", shown(e.board), colon(e.why));
    }
    std::string operator()(const BuildAheadStarted& e) const {
        return fmt::format("build {} started ahead: {} \"{}\"", e.build, e.commit.brief(),
                           shown(e.subject));
    }
    std::string operator()(const BuildAheadEnded& e) const {
        if (e.outcome != Outcome::good_looking)
            return fmt::format("build {} of {} ended: {}{}", e.build, e.commit.brief(),
                               word(e.outcome), colon(e.cause));
        return fmt::format(
            "build {} of {}: {}", e.build, e.commit.brief(),
            e.from_store ? "found in the store" : "built in " + duration_text(e.seconds));
    }
    std::string operator()(const PriorWeighed& e) const {
        return fmt::format("{} of {} touch nothing that is built: unlikely, not excluded",
                           e.unlikely, count_of(e.suspects, "suspect"));
    }
    std::string operator()(const Estimated& e) const {
        return fmt::format(
            "expected from here: {}; a run on a bad commit fails with {:.2g}, a good verdict takes "
            "{}",
            expected_text(e), e.failure_rate, count_of(rounded(e.good_verdict_runs), "run"));
    }
    std::string operator()(const SymptomEnded& e) const {
        return fmt::format("symptom {}: {}{}", shown(e.symptom), ending_text(e.ending),
                           colon(e.cause));
    }
    std::string operator()(const SuspectNamed& e) const {
        return fmt::format("one suspect is left: {} \"{}\" by {}; now it is proven",
                           e.commit.brief(), shown(e.subject), shown(e.author)) +
               (e.flags.empty() ? "" : "; mind: " + joined(e.flags));
    }
    std::string operator()(const RecoveryTried& e) const {
        const std::string time = e.limit_s > 0
                                     ? fmt::format(" after {} (of {})", duration_text(e.seconds),
                                                   duration_text(e.limit_s))
                                     : "";
        return fmt::format("recovery of board {}: {} {}{}{}", shown(e.board), shown(e.rung),
                           e.worked ? "worked" : "did not help", time, colon(e.detail));
    }
    std::string operator()(const BoardRecovered& e) const {
        return fmt::format("board {} runs its known-good kernel again", shown(e.board));
    }
    std::string operator()(const BoardParked& e) const {
        return fmt::format("board {} is parked, a person is needed{}", shown(e.board),
                           colon(e.ask));
    }
    std::string operator()(const BoardReturned& e) const {
        return fmt::format("board {} was given back", shown(e.board));
    }
    std::string operator()(const BisectionPaused& e) const { return "paused" + colon(e.why); }
    std::string operator()(const BisectionResumed&) const { return "resumed"; }
    std::string operator()(const BisectionEnded& e) const {
        return fmt::format("ended, {}{}", ending_text(e.ending), colon(e.cause));
    }
    std::string operator()(const Noted& e) const { return "note: " + shown(e.text); }
    std::string operator()(const SpaceRanOut& e) const {
        return "waits for disk space: " + shown(e.ask);
    }
    std::string operator()(const SpaceReturned&) const {
        return "there is disk space again: it goes on";
    }
    std::string operator()(const ArtefactEvicted& e) const {
        return fmt::format("artefact {} of {} was removed from the store ({}): {}",
                           shown(e.key).substr(0, 12), e.commit.brief(), size_text(e.bytes),
                           shown(e.why));
    }
    std::string operator()(const LogsEvicted& e) const {
        return fmt::format("its logs were removed ({}): {}", size_text(e.bytes), shown(e.why));
    }
    std::string operator()(const NoticeBegun& e) const {
        return fmt::format("telling people by {}: {}", shown(e.way), word(e.notice));
    }
    std::string operator()(const NoticeEnded& e) const {
        return e.delivered
                   ? fmt::format("people were told by {}", shown(e.way))
                   : fmt::format("people could not be told by {}{}", shown(e.way), colon(e.cause));
    }
};

}  // namespace

std::string_view purpose_text(Purpose purpose) {
    switch (purpose) {
        case Purpose::bad_end:
            return "bad end";
        case Purpose::good_end:
            return "good end";
        case Purpose::merge_base:
            return "merge base";
        case Purpose::search:
            return "search";
        case Purpose::control_bad:
            return "control, known bad";
        case Purpose::control_good:
            return "control, known good";
        case Purpose::retest:
            return "test again";
        case Purpose::proof_culprit:
            return "proof of culprit";
        case Purpose::proof_parent:
            return "proof of parent";
        case Purpose::proof_revert:
            return "proof by revert";
    }
    return "?";
}

std::string_view rung_text(Rung rung) {
    return rung == Rung::check_out ? "check out" : word(rung);
}

std::string_view ending_text(Ending ending) {
    switch (ending) {
        case Ending::culprit:
            return "culprit found";
        case Ending::inconclusive:
            return "inconclusive";
        case Ending::wrong_range:
            return "the range is wrong";
        case Ending::failed:
            return "failed";
        case Ending::cancelled:
            return "cancelled";
    }
    return "?";
}

std::string probability_text(std::string_view verdict, double bad_probability) {
    if (!(bad_probability >= 0 && bad_probability <= 1) || verdict == word(Verdict::skip))
        return "";
    const bool good = verdict == word(Verdict::good);
    const double percent = 100 * (good ? 1 - bad_probability : bad_probability);
    const std::string prefix = verdict == word(Verdict::uncertain) ? "bad with " : "";
    // Never rounded up to certainty.
    if (percent > 99.9) return prefix + "over 99.9 %";
    return prefix + fmt::format("{:.1f} %", percent);
}

std::string expected_text(const Estimated& estimated) {
    return fmt::format("{}, {}, {}", duration_text(estimated.seconds),
                       count_of(rounded(estimated.steps), "commit"),
                       count_of(rounded(estimated.runs), "run"));
}

std::string sentence(const Event& event) {
    return std::visit(Sentence{}, event);
}

}  // namespace bisectd
