#include <algorithm>
#include <set>

#include "core/attempt_judgement.hpp"
#include "core/check.hpp"

namespace bisectd {
namespace {

/// Proofs that may contradict the search before it is given up. Source: one may be the lab's.
constexpr std::size_t failed_proofs_limit = 2;

/// The closed proof of a commit that counts for this suspect.
const StepState* proof_of(const BisectionState& state, const SuspectState& suspect, Purpose purpose,
                          const CommitId& commit) {
    const StepState* const step = closed_step(state, purpose, commit);
    return step != nullptr && step->number > suspect.steps_before ? step : nullptr;
}

Verdict verdict_for(const StepState& step, const std::string& symptom) {
    const auto found = step.verdicts.find(symptom);
    return found == step.verdicts.end() ? Verdict::uncertain : found->second.verdict;
}

/// The proof that failed was made by a board that is not believed.
bool was_by_mad_board(const BisectionState& state, const ContradictionState& contradiction) {
    for (auto step = state.steps.rbegin(); step != state.steps.rend(); ++step)
        if (step->is_proof() && step->commit == contradiction.found.bad &&
            step->number <= contradiction.steps_before)
            return step->attempts.back().withdrawn;
    return false;
}

std::size_t failed_proofs(const BisectionState& state, const std::string& symptom) {
    return static_cast<std::size_t>(
        std::ranges::count_if(state.contradictions, [&](const ContradictionState& c) {
            return c.found.symptom == symptom && c.found.bad == c.found.good &&
                   !was_by_mad_board(state, c);
        }));
}

/// One suspect's way to its end.
class Proving {
  public:
    Proving(Deciding& deciding, std::string symptom, const SuspectState& suspect,
            std::vector<std::string>& taken)
        : deciding_(deciding),
          state_(deciding.state),
          symptom_(std::move(symptom)),
          suspect_(suspect),
          named_(suspect.named),
          taken_(taken) {}

    std::vector<Decision> next() {
        std::vector<Decision> out;
        bool all_there = true;
        if (const StepState* step = look(Purpose::proof_culprit, named_.commit, out, all_there))
            if (auto failed = check(*step, Verdict::bad)) return {*failed};
        for (const CommitId& parent : named_.parents)
            if (const StepState* step = look(Purpose::proof_parent, parent, out, all_there))
                if (auto failed = check(*step, Verdict::good)) return {*failed};
        if (!all_there || !out.empty()) return out;
        if (revert_applies() &&
            look(Purpose::proof_revert, state_.range->bad, out, all_there) == nullptr)
            return out;
        return {Conclude{
            SymptomEnded{symptom_, Ending::culprit, {named_.commit}, named_.confidence, cause()}}};
    }

  private:
    /// The closed proof; nothing while it is open or has to be started (then a board gets it).
    const StepState* look(Purpose purpose, const CommitId& commit, std::vector<Decision>& out,
                          bool& all_there) {
        const StepState* const proof = proof_of(state_, suspect_, purpose, commit);
        const bool reverts = purpose == Purpose::proof_revert;
        if (proof != nullptr && (!reverts || proof->reverted == named_.commit)) return proof;
        all_there = false;
        if (is_open(state_, purpose, commit) || !out.empty()) return nullptr;
        if (const auto board = prover(purpose)) {
            taken_.push_back(*board);
            out.push_back(
                TestCommit{commit, purpose, 1, *board, reverts ? named_.commit : CommitId()});
        }
        return nullptr;
    }

    /// Who proves that the culprit is bad proves that its parents are good: a board that always
    /// says the same cannot pass. Nothing: that board is at work.
    std::optional<std::string> prover(Purpose purpose) const {
        if (purpose == Purpose::proof_culprit) return deciding_.free_board(taken_);
        std::string first;
        for (const StepState& step : state_.steps)
            if (step.purpose == Purpose::proof_culprit && step.commit == named_.commit &&
                step.number > suspect_.steps_before && !step.attempts.empty())
                first = step.attempts.back().board;
        std::set<std::string> others;
        for (const std::string& board : deciding_.usable_boards())
            if (board != first) others.insert(board);
        bool waits = false;
        return deciding_.other_board(taken_, others, waits);
    }

    /// What follows from a proof that does not show what it should.
    std::optional<Decision> check(const StepState& step, Verdict expected) {
        const Verdict verdict = verdict_for(step, symptom_);
        if (verdict == expected) return std::nullopt;
        const std::string what =
            std::string(expected == Verdict::bad ? "its proof" : "the proof of its parent ") +
            (expected == Verdict::bad ? "" : named(step)) + " says " + std::string(word(verdict)) +
            ": " + shown_by(step, symptom_);
        const std::string cause = "the search led to " + named_.commit.brief() + " (\"" +
                                  named_.subject + "\"), but " + what;
        if ((verdict == Verdict::good || verdict == Verdict::bad) &&
            failed_proofs(state_, symptom_) + 1 < failed_proofs_limit)
            return Conclude{ContradictionFound{step.commit, step.commit, symptom_, cause}};
        return Conclude{SymptomEnded{
            symptom_, Ending::inconclusive, {named_.commit}, named_.confidence, cause}};
    }

    /// Reverting says something only where the culprit is one change below the bad end.
    bool revert_applies() const {
        return deciding_.recipe.revert_proof && named_.parents.size() == 1 &&
               named_.commit != state_.range->bad;
    }

    std::string revert_sentence() const {
        if (!revert_applies()) return "";
        const StepState* const step =
            proof_of(state_, suspect_, Purpose::proof_revert, state_.range->bad);
        if (step == nullptr) return "";
        switch (verdict_for(*step, symptom_)) {
            case Verdict::good:
                return "; with it reverted the bad end is good (" + shown_by(*step, symptom_) + ")";
            case Verdict::bad:
                return "; with it reverted the bad end is still bad (" + shown_by(*step, symptom_) +
                       "): something else there shows the symptom as well";
            case Verdict::skip:
            case Verdict::uncertain:
                break;
        }
        return "; reverting it on the bad end was not possible";
    }

    std::string cause() const {
        const StepState& culprit =
            *proof_of(state_, suspect_, Purpose::proof_culprit, named_.commit);
        std::string text = named(culprit) +
                           " is the first bad commit: built clean and tested again it is bad (" +
                           shown_by(culprit, symptom_) + "), and ";
        if (named_.parents.empty())
            text += "it has no parent";
        else
            text += named_.parents.size() == 1
                        ? "its parent is good"
                        : "all its parents are good (it is a merge: the bug came with joining "
                          "them, not with one side)";
        for (const CommitId& parent : named_.parents)
            text += " (" + parent.brief() + ": " +
                    shown_by(*proof_of(state_, suspect_, Purpose::proof_parent, parent), symptom_) +
                    ")";
        return text + revert_sentence();
    }

    Deciding& deciding_;
    const BisectionState& state_;
    const std::string symptom_;
    const SuspectState& suspect_;
    const SuspectNamed& named_;
    std::vector<std::string>& taken_;
};

}  // namespace

std::vector<Decision> decide_proofs(Deciding& deciding, std::vector<std::string>& taken) {
    // What a board in doubt has shown may be all that speaks for a suspect.
    if (awaits_controls(deciding)) {
        for (const auto& [symptom, suspect] : deciding.state.suspects)
            if (!deciding.state.conclusions.contains(symptom)) deciding.waiting.insert(symptom);
        return {};
    }
    for (const std::string& symptom : deciding.open_symptoms()) {
        const auto suspect = deciding.state.suspects.find(symptom);
        if (suspect == deciding.state.suspects.end()) continue;
        auto decisions = Proving(deciding, symptom, suspect->second, taken).next();
        if (!decisions.empty()) return decisions;
    }
    return {};
}

}  // namespace bisectd
