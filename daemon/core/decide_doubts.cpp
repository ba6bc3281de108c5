#include <algorithm>
#include <set>

#include "core/attempt_judgement.hpp"
#include "core/check.hpp"

namespace bisectd {
namespace {

/// Attempts of a board between two controls, "now and then". Source: two boots more in forty.
constexpr std::uint64_t attempts_between_controls = 20;

const StepState* closed_since(const BisectionState& state, Purpose purpose, const CommitId& commit,
                              std::uint64_t steps_before) {
    const StepState* const step = closed_step(state, purpose, commit);
    return step != nullptr && step->number > steps_before ? step : nullptr;
}

Verdict verdict_of(const StepState& step, const std::string& symptom) {
    const auto found = step.verdicts.find(symptom);
    return found == step.verdicts.end() ? Verdict::uncertain : found->second.verdict;
}

// ---- contradictions: both are tested again

/// An attempt that is believed and whose commit, in its step, showed the other thing.
std::optional<Decision> withdraw_against(const BisectionState& state, const StepState& retest,
                                         const std::string& symptom) {
    const bool bad_now = verdict_of(retest, symptom) == Verdict::bad;
    for (const StepState& step : state.steps) {
        if (step.commit != retest.commit || step.number >= retest.number) continue;
        for (const AttemptState& attempt : step.attempts) {
            if (attempt.withdrawn) continue;
            const bool hit = attempt.count(Look::hit, symptom) > 0;
            const bool clean = !hit && attempt.count(Look::clean, symptom) > 0;
            if ((bad_now && clean) || (!bad_now && hit))
                return Conclude{
                    EvidenceWithdrawn{step.number, attempt.number,
                                      "tested again (step " + std::to_string(retest.number) +
                                          ") the commit showed: " + shown_by(retest, symptom)}};
        }
    }
    return std::nullopt;
}

/// Boards whose findings at a commit are believed.
std::set<std::string> boards_at(const BisectionState& state, const CommitId& commit) {
    std::set<std::string> boards;
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts)
            if (step.commit == commit && step.purpose != Purpose::proof_revert &&
                attempt.runs() > 0 && !attempt.withdrawn)
                boards.insert(attempt.board);
    return boards;
}

/// The evidence contradicts itself still.
bool stands(Deciding& deciding, const ContradictionFound& found) {
    return std::ranges::any_of(
        deciding.advice().contradictions, [&](const engine::Contradiction& seen) {
            return deciding.recipe.symptoms[seen.column].name == found.symptom &&
                   commit_at(deciding.state, deciding.history(), seen.bad) == found.bad &&
                   commit_at(deciding.state, deciding.history(), seen.good) == found.good;
        });
}

std::optional<Decision> resolve(Deciding& deciding, const ContradictionState& contradiction,
                                std::vector<std::string>& taken, bool& waits) {
    const BisectionState& state = deciding.state;
    const ContradictionFound& found = contradiction.found;
    if (found.bad == found.good) return std::nullopt;  // a proof's: the search goes on with it
    // What a board had said that is not believed any more may have been all of it.
    if (!stands(deciding, found)) return std::nullopt;
    const StepState* retests[2] = {nullptr, nullptr};
    for (int i = 0; i < 2; ++i) {
        const CommitId& commit = i == 0 ? found.bad : found.good;
        retests[i] = closed_since(state, Purpose::retest, commit, contradiction.steps_before);
        if (retests[i] != nullptr) continue;
        waits = true;
        if (is_open(state, Purpose::retest, commit)) continue;
        const std::set<std::string> said_by = boards_at(state, commit);
        if (const auto board = deciding.other_board(taken, said_by, waits))
            return TestCommit{commit, Purpose::retest, deciding.suspects_left(), *board};
    }
    if (retests[0] == nullptr || retests[1] == nullptr) return std::nullopt;
    for (const StepState* retest : retests)
        if (auto withdrawn = withdraw_against(state, *retest, found.symptom)) return withdrawn;
    return std::nullopt;
}

std::optional<Decision> contradictions(Deciding& deciding, std::vector<std::string>& taken,
                                       bool& waits) {
    const BisectionState& state = deciding.state;
    for (const ContradictionState& known : state.contradictions)
        if (!state.conclusions.contains(known.found.symptom))
            if (auto decision = resolve(deciding, known, taken, waits)) return decision;
    if (waits) return std::nullopt;
    for (const engine::Contradiction& seen : deciding.advice().contradictions) {
        ContradictionFound found;
        found.symptom = deciding.recipe.symptoms[seen.column].name;
        if (state.conclusions.contains(found.symptom)) continue;
        found.bad = commit_at(state, deciding.history(), seen.bad);
        found.good = commit_at(state, deciding.history(), seen.good);
        const bool again =
            std::ranges::any_of(state.contradictions, [&found](const ContradictionState& known) {
                return known.found.bad == found.bad && known.found.good == found.good &&
                       known.found.symptom == found.symptom;
            });
        const std::string what = found.bad.brief() + " is bad and " + found.good.brief() +
                                 ", which has it among its ancestors, is good";
        if (again)
            return Conclude{SymptomEnded{
                found.symptom,
                Ending::inconclusive,
                {found.bad, found.good},
                0,
                what + "; both were tested again and stay so: the bug was hidden or mended on the "
                       "way, or the symptom depends on more than the commit"}};
        found.cause = what + "; both are tested again";
        return Conclude{found};
    }
    return std::nullopt;
}

// ---- surprises: the boot is not believed, its board is controlled

bool withdrawn_before(const BisectionState& state, const CommitId& commit) {
    for (const StepState& step : state.steps)
        if (step.commit == commit)
            for (const AttemptState& attempt : step.attempts)
                if (attempt.withdrawn) return true;
    return false;
}

std::optional<Decision> surprises(Deciding& deciding) {
    for (const engine::Surprise& surprise : deciding.advice().surprises) {
        const auto [step_number, attempt_number] =
            deciding.asked().sources[surprise.column][surprise.showing];
        if (step_number == 0) continue;
        const StepState& step = deciding.state.steps[step_number - 1];
        // Only once a commit: what it shows again is true.
        if (!step.attempts[attempt_number - 1].ended || step.is_proof() ||
            withdrawn_before(deciding.state, step.commit))
            continue;
        return Conclude{EvidenceWithdrawn{
            step_number, attempt_number,
            "after all else that is known this was next to impossible: a broken boot or a broken "
            "board; the board is controlled and the commit tested again where it matters"}};
    }
    return std::nullopt;
}

// ---- controls

/// The steps that the journal had when this board was last controlled, or doubted.
struct BoardHistory {
    std::uint64_t last_control = 0;  ///< number of its last passed control_good step
    std::uint64_t attempts_since = 0;
    std::uint64_t doubted_at = 0;  ///< steps before its last withdrawn evidence; 0: none
    bool doubted = false;
};

bool on_board(const StepState& step, const std::string& board) {
    return !step.attempts.empty() && step.attempts.back().board == board;
}

/// Findings that cannot all be true were made by this board or by another: each is controlled. One
/// board alone is not: it would only be asked the same again.
bool had_a_part(const BisectionState& state, const ContradictionState& contradiction,
                const std::string& board) {
    if (state.requested->request.more_boards.empty()) return false;
    for (const StepState& step : state.steps) {
        if (step.number > contradiction.steps_before) break;
        if (step.commit != contradiction.found.bad && step.commit != contradiction.found.good)
            continue;
        for (const AttemptState& attempt : step.attempts)
            if (attempt.board == board && attempt.runs() > 0 && !attempt.withdrawn) return true;
    }
    return false;
}

BoardHistory history_of(const BisectionState& state, const std::string& board) {
    BoardHistory out;
    for (const StepState& step : state.steps) {
        if (!on_board(step, board)) continue;
        ++out.attempts_since;
        const bool passed = step.purpose == Purpose::control_good && step.closed && step.verdict &&
                            step.verdict->verdict == Verdict::good;
        if (passed) {
            out.last_control = step.number;
            out.attempts_since = 0;
        }
    }
    for (const Withdrawal& withdrawal : state.withdrawals)
        if (withdrawal.board == board && withdrawal.steps_before >= out.last_control) {
            out.doubted = true;
            out.doubted_at = withdrawal.steps_before;
        }
    for (const ContradictionState& contradiction : state.contradictions)
        if (contradiction.steps_before > out.last_control &&
            had_a_part(state, contradiction, board)) {
            out.doubted = true;
            out.doubted_at = contradiction.steps_before;
        }
    return out;
}

/// A closed control of this board since it was doubted.
const StepState* control_since(const BisectionState& state, Purpose purpose,
                               const std::string& board, std::uint64_t after) {
    for (const StepState& step : state.steps)
        if (step.purpose == purpose && step.closed && step.number > after && on_board(step, board))
            return &step;
    return nullptr;
}

/// A commit that showed the symptom by itself, and one that did not: the ends.
CommitId control_commit(const BisectionState& state, Purpose purpose) {
    return purpose == Purpose::control_bad ? state.range->bad : state.range->good.front();
}

/// Whether the bad end was ever seen to be bad: what nobody saw there no board can be asked to see.
bool bad_end_is_known(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    const StartRequest& request = state.requested->request;
    if (request.trust_ends || request.seen_failures > 0) return true;
    const std::string symptom = deciding.open_symptoms().front();
    const CommitJudged* const judged = state.judgement(state.range->bad, symptom);
    if (judged != nullptr && judged->verdict == Verdict::bad) return true;
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts)
            if (step.commit == state.range->bad && step.purpose != Purpose::proof_revert &&
                (attempt.count(Look::hit, symptom) > 0 || failed_by(attempt, symptom)))
                return true;
    return false;
}

std::string mad(const std::string& board, const std::string& why) {
    return "board " + board + " could not tell good from bad: " + why;
}

/// What a quarantined board showed since its last passed control is not believed.
std::optional<Decision> withdraw_of_quarantined(const BisectionState& state) {
    for (const auto& [board, why] : state.quarantined) {
        const std::uint64_t since = history_of(state, board).last_control;
        for (const StepState& step : state.steps)
            for (const AttemptState& attempt : step.attempts)
                if (step.number > since && attempt.board == board && attempt.ended &&
                    !attempt.withdrawn && attempt.runs() > 0)
                    return Conclude{
                        EvidenceWithdrawn{step.number, attempt.number, mad(board, why)}};
    }
    return std::nullopt;
}

std::optional<Decision> quarantine(Deciding& deciding, const std::string& board,
                                   const StepState& control) {
    return Conclude{BoardQuarantined{
        board, "its control of " + named(control) + " showed: " +
                   shown_by(control, deciding.open_symptoms().front()) + ", and should " +
                   (control.purpose == Purpose::control_bad ? "have been bad" : "have been good")}};
}

/// What a board shows in its control, the bad end first; null: it has not yet.
std::vector<std::pair<Purpose, const StepState*>> controls_of(Deciding& deciding,
                                                              const std::string& board,
                                                              const BoardHistory& past) {
    const std::uint64_t after = past.doubted ? past.doubted_at : past.last_control;
    std::vector<std::pair<Purpose, const StepState*>> controls;
    for (const Purpose purpose : {Purpose::control_bad, Purpose::control_good})
        if (purpose == Purpose::control_good || bad_end_is_known(deciding))
            controls.emplace_back(purpose, control_since(deciding.state, purpose, board, after));
    return controls;
}

std::optional<Decision> control(Deciding& deciding, const std::string& board,
                                std::vector<std::string>& taken) {
    const BisectionState& state = deciding.state;
    const BoardHistory past = history_of(state, board);
    const bool now_and_then = past.attempts_since >= attempts_between_controls;
    if (!past.doubted && !now_and_then) return std::nullopt;
    for (const auto& [purpose, closed] : controls_of(deciding, board, past)) {
        if (closed != nullptr) {
            const Verdict expected = purpose == Purpose::control_bad ? Verdict::bad : Verdict::good;
            const Verdict shown = verdict_of(*closed, deciding.open_symptoms().front());
            const bool judged = shown == Verdict::bad || shown == Verdict::good;
            if (judged && shown != expected) return quarantine(deciding, board, *closed);
            continue;
        }
        const CommitId commit = control_commit(state, purpose);
        if (std::ranges::find(deciding.hands.free_boards, board) ==
                deciding.hands.free_boards.end() ||
            std::ranges::find(taken, board) != taken.end())
            return std::nullopt;
        return TestCommit{commit, purpose, deciding.suspects_left(), board};
    }
    return std::nullopt;
}

}  // namespace

bool awaits_controls(Deciding& deciding) {
    if (deciding.state.requested->request.more_boards.empty()) return false;
    return std::ranges::any_of(deciding.usable_boards(), [&](const std::string& board) {
        const BoardHistory past = history_of(deciding.state, board);
        return past.doubted && std::ranges::any_of(controls_of(deciding, board, past),
                                                   [](const auto& c) { return !c.second; });
    });
}

std::vector<Decision> decide_doubts(Deciding& deciding, std::vector<std::string>& taken) {
    if (deciding.open_symptoms().empty()) return {};
    if (auto decision = withdraw_of_quarantined(deciding.state)) return {*decision};
    // Boards before commits: who cannot tell good from bad has no part in what is tested again.
    for (const std::string& board : deciding.usable_boards())
        if (auto decision = control(deciding, board, taken)) return {*decision};
    if (awaits_controls(deciding)) return {};
    bool waits = false;
    if (auto decision = contradictions(deciding, taken, waits)) return {*decision};
    if (auto decision = surprises(deciding)) return {*decision};
    return {};
}

}  // namespace bisectd
