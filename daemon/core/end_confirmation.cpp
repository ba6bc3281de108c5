#include <algorithm>
#include <map>

#include "core/attempt_judgement.hpp"
#include "core/deciding.hpp"

// An end that is not what it was said to be ends the search, and the board that said so may be the
// one that is wrong. So another board has a word, where there is one.

namespace bisectd {
namespace {

/// Purposes whose verdict says what a commit is, by its own runs.
bool has_a_say(const StepState& step) {
    return step.purpose != Purpose::proof_revert && step.purpose != Purpose::search;
}

/// What each board said last of one commit and symptom, as far as it is believed.
class Voices {
  public:
    Voices(const BisectionState& state, const CommitId& commit, const std::string& symptom) {
        for (const StepState& step : state.steps) {
            if (step.commit != commit || !step.closed || !has_a_say(step)) continue;
            const AttemptState& last = step.attempts.back();
            const auto verdict = step.verdicts.find(symptom);
            if (last.withdrawn || state.quarantined.contains(last.board) ||
                verdict == step.verdicts.end())
                continue;
            const Verdict said = verdict->second.verdict;
            if (said == Verdict::good || said == Verdict::bad) by_board_[last.board] = said;
        }
    }

    std::size_t count(Verdict verdict) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            by_board_, [verdict](const auto& voice) { return voice.second == verdict; }));
    }
    bool says(const std::string& board, Verdict verdict) const {
        const auto found = by_board_.find(board);
        return found != by_board_.end() && found->second == verdict;
    }
    std::set<std::string> boards() const {
        std::set<std::string> boards;
        for (const auto& [board, verdict] : by_board_) boards.insert(board);
        return boards;
    }

  private:
    std::map<std::string, Verdict> by_board_;
};

/// What the boards that said something else showed there is not believed; they are controlled.
std::optional<Decision> withdraw_of_accusers(const BisectionState& state, const CommitId& end,
                                             Verdict said, const Voices& voices) {
    const Verdict other = said == Verdict::bad ? Verdict::good : Verdict::bad;
    for (const StepState& step : state.steps) {
        if (step.commit != end || !has_a_say(step)) continue;
        for (const AttemptState& attempt : step.attempts) {
            if (attempt.withdrawn || !attempt.ended || !voices.says(attempt.board, other)) continue;
            if (attempt.ended->outcome == Outcome::infrastructure && attempt.runs() == 0) continue;
            return Conclude{EvidenceWithdrawn{
                step.number, attempt.number,
                "another board found this end of the range to be " + std::string(word(said)) +
                    ", as it was said to be; board " + attempt.board + " is controlled"}};
        }
    }
    return std::nullopt;
}

/// Clean runs at the bad end after which another board has a look, at least. Source: a bug that
/// shows in one of ten runs is seen by then.
constexpr std::uint64_t long_clean = 30;
/// A board that made so many times the runs that a hit takes elsewhere, and saw none, is blind.
/// Source: a chance of e to the minus 30, and a rate that two hits tell to a factor of a few.
constexpr double blind_factor = 30;

/// The attempt that measures the bad end and has seen nothing but clean runs; null: none.
const AttemptState* clean_at_bad_end(const BisectionState& state, const std::string& symptom,
                                     std::uint64_t& step_number) {
    for (const StepState* step : state.open_steps()) {
        if (step->purpose != Purpose::bad_end || step->attempts.empty()) continue;
        const AttemptState& attempt = step->attempts.back();
        step_number = step->number;
        if (!attempt.ended && !attempt.withdrawn && attempt.count(Look::hit, symptom) == 0 &&
            attempt.count(Look::clean, symptom) >= long_clean)
            return &attempt;
    }
    return nullptr;
}

}  // namespace

std::optional<Decision> second_at_bad_end(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    const CommitId& end = state.range->bad;
    if (is_open(state, Purpose::retest, end)) return std::nullopt;
    for (const std::string& symptom : deciding.open_symptoms()) {
        std::uint64_t number = 0;
        if (clean_at_bad_end(state, symptom, number) == nullptr) continue;
        const auto board = deciding.free_board({});
        if (!board || !Voices(state, end, symptom).boards().empty()) return std::nullopt;
        return TestCommit{end, Purpose::retest, deciding.suspects_left(), *board};
    }
    return std::nullopt;
}

bool is_wanted_at_bad_end(Deciding& deciding, const AttemptState& attempt) {
    const BisectionState& state = deciding.state;
    const CommitId& end = state.range->bad;
    if (attempt.runs() < long_clean || is_open(state, Purpose::retest, end)) return false;
    for (const std::string& symptom : deciding.open_symptoms()) {
        std::uint64_t number = 0;
        const AttemptState* const there = clean_at_bad_end(state, symptom, number);
        if (there != nullptr && there->board != attempt.board)
            return Voices(state, end, symptom).boards().empty();
    }
    return false;
}

std::optional<Decision> blind_at_bad_end(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    for (const std::string& symptom : deciding.open_symptoms()) {
        std::uint64_t number = 0;
        const AttemptState* const blind = clean_at_bad_end(state, symptom, number);
        if (blind == nullptr) continue;
        for (const StepState& step : state.steps) {
            if (step.commit != state.range->bad || step.purpose != Purpose::retest || !step.closed)
                continue;
            const AttemptState& seeing = step.attempts.back();
            const auto hits = static_cast<double>(seeing.count(Look::hit, symptom));
            if (seeing.withdrawn || seeing.board == blind->board || hits < 2) continue;
            const double runs_a_hit = static_cast<double>(seeing.runs()) / hits;
            if (static_cast<double>(blind->count(Look::clean, symptom)) < blind_factor * runs_a_hit)
                continue;
            return Conclude{EvidenceWithdrawn{
                number, blind->number,
                "board " + seeing.board + " sees the symptom here (" + shown_by(step, symptom) +
                    "), board " + blind->board + " has not in " +
                    counted(blind->count(Look::clean, symptom), "run", "runs") +
                    "; it is controlled"}};
        }
    }
    return std::nullopt;
}

Confirmation confirm_end(Deciding& deciding, const CommitId& end, Verdict said,
                         const std::string& symptom) {
    const BisectionState& state = deciding.state;
    if (is_judged(state, end)) return {.believed = true};  // people have the last word
    const auto open = [&](const StepState* step) {
        return step->commit == end && has_a_say(*step) && !step->is_proof();
    };
    if (std::ranges::any_of(state.open_steps(), open)) return {.under_way = true};
    const Voices voices(state, end, symptom);
    const std::size_t defenders = voices.count(said);
    const std::size_t accusers = voices.count(said == Verdict::bad ? Verdict::good : Verdict::bad);
    if (accusers == 0) return {.believed = true};
    const bool tie = accusers == defenders;
    if (tie || (defenders == 0 && accusers == 1)) {
        bool others = false;
        for (const std::string& board : deciding.usable_boards())
            others = others || !voices.boards().contains(board);
        if (others) {
            bool waits = false;
            if (const auto board = deciding.other_board({}, voices.boards(), waits))
                return {false, TestCommit{end, Purpose::retest, deciding.suspects_left(), *board}};
            return {.under_way = true};
        }
    }
    if (accusers > defenders) return {.believed = true};
    return {false, withdraw_of_accusers(state, end, said, voices)};
}

}  // namespace bisectd
