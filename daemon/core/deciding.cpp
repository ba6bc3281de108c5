#include "core/deciding.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace bisectd {

const AskedQuestion& Deciding::asked() {
    if (!asked_) asked_ = question_of(state, knowledge, recipe, hands);
    return *asked_;
}

const engine::Advice& Deciding::advice() {
    if (!advice_) advice_ = engine::advise(*knowledge.ancestry, asked().question);
    return *advice_;
}

std::vector<std::string> Deciding::open_symptoms() const {
    std::vector<std::string> open;
    for (const Symptom& symptom : recipe.symptoms)
        if (!state.conclusions.contains(symptom.name)) open.push_back(symptom.name);
    return open;
}

std::size_t Deciding::index_of(const std::string& symptom) const {
    for (std::size_t i = 0; i < recipe.symptoms.size(); ++i)
        if (recipe.symptoms[i].name == symptom) return i;
    BISECTD_ASSERT(false);
    return 0;
}

const engine::Standing& Deciding::standing(const std::string& symptom) {
    return advice().standings[index_of(symptom)];
}

double Deciding::bad_probability(const std::string& symptom, const CommitId& commit) {
    const auto spot = spot_of(state, history(), commit);
    if (!spot) return -1;
    return engine::bad_probabilities(*knowledge.ancestry, asked().question, index_of(symptom),
                                     {*spot})
        .front();
}

bool Deciding::is_decided(const CommitId& commit) {
    return std::ranges::all_of(open_symptoms(), [&](const std::string& symptom) {
        const double bad = bad_probability(symptom, commit);
        return bad >= verdict_probability || (bad >= 0 && bad <= 1 - verdict_probability);
    });
}

std::uint64_t Deciding::suspects_left() {
    std::uint64_t left = 0;
    for (const std::string& symptom : open_symptoms())
        left = std::max<std::uint64_t>(left, standing(symptom).suspects.size());
    return left;
}

std::uint64_t Deciding::longest_batch(const std::string& symptom) {
    const std::size_t index = index_of(symptom);
    const double run_s = asked().question.columns[index].run_s;
    auto longest = static_cast<std::uint64_t>(std::max(1.0, batch_s / run_s));
    if (recipe.symptoms[index].runs > 0)
        longest = std::min<std::uint64_t>(longest, recipe.symptoms[index].runs);
    return longest;
}

std::optional<std::string> Deciding::free_board(const std::vector<std::string>& taken) const {
    for (const std::string& board : state.requested->request.boards()) {
        if (state.parked.contains(board) || state.quarantined.contains(board)) continue;
        if (std::ranges::find(taken, board) != taken.end()) continue;
        if (std::ranges::find(hands.free_boards, board) != hands.free_boards.end()) return board;
    }
    return std::nullopt;
}

std::vector<std::string> Deciding::usable_boards() const {
    std::vector<std::string> usable;
    for (const std::string& board : state.requested->request.boards())
        if (!state.parked.contains(board) && !state.quarantined.contains(board))
            usable.push_back(board);
    return usable;
}

std::optional<std::string> Deciding::other_board(const std::vector<std::string>& taken,
                                                 const std::set<std::string>& but,
                                                 bool& waits) const {
    bool any_other = false;
    for (const std::vector<std::string>* of : {&hands.free_boards, &hands.lent_boards})
        for (const std::string& board : usable_boards()) {
            if (but.contains(board)) continue;
            any_other = true;
            if (std::ranges::find(taken, board) == taken.end() &&
                std::ranges::find(*of, board) != of->end())
                return board;
        }
    waits = any_other;
    return any_other ? std::nullopt : free_board(taken);
}

std::string named(const StepState& step) {
    return step.commit.brief() + " (\"" + step.subject + "\")";
}

const StepState* closed_step(const BisectionState& state, Purpose purpose, const CommitId& commit) {
    const StepState* found = nullptr;
    for (const StepState& step : state.steps)
        if (step.purpose == purpose && step.commit == commit && step.closed) found = &step;
    return found;
}

bool is_open(const BisectionState& state, Purpose purpose, const CommitId& commit) {
    return std::ranges::any_of(state.open_steps(), [&](const StepState* step) {
        return step->purpose == purpose && step->commit == commit;
    });
}

}  // namespace bisectd
