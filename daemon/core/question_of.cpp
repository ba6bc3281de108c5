#include "core/question_of.hpp"

#include <algorithm>
#include <cmath>

#include "core/attempt_judgement.hpp"
#include "core/check.hpp"

namespace bisectd {
namespace {

/// Before anything was measured. Source: a kernel with a warm compiler cache, and a board with
/// flash; the engine only needs the order of magnitude.
constexpr double guessed_build_s = 300, guessed_boot_s = 60, guessed_run_s = 1;

double median(std::vector<double> values, double otherwise) {
    if (values.empty()) return otherwise;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// What an attempt showed of a symptom: clean runs and hits, and a hit where the board's death,
/// the boot or the build was the symptom.
engine::Showing showing_of(const AttemptState& attempt, const Symptom& symptom, engine::Spot at) {
    engine::Showing showing{at, 0, 0};
    if (attempt.ended && attempt.ended->outcome == Outcome::skip) return showing;
    showing.hits = attempt.count(Look::hit, symptom.name);
    showing.runs = showing.hits + attempt.count(Look::clean, symptom.name);
    if (const auto absent = attempt.count(Look::not_applicable, symptom.name)) {
        if (symptom.on_not_applicable == OnNotApplicable::bad) showing.hits += absent;
        if (symptom.on_not_applicable != OnNotApplicable::skip) showing.runs += absent;
    }
    if (failed_by(attempt, symptom.name)) {
        ++showing.hits;
        ++showing.runs;
    }
    return showing;
}

bool was_tested(const StepState& step, const Recipe& recipe) {
    for (const AttemptState& attempt : step.attempts)
        if (attempt.proven || attempt.runs() > 0 ||
            (attempt.built && recipe.build.kind != BuildKind::kernel))
            return true;
    return false;
}

class Asking {
  public:
    Asking(const BisectionState& state, const Knowledge& knowledge, const Recipe& recipe,
           const Hands& hands)
        : state_(state),
          knowledge_(knowledge),
          history_(*knowledge.history),
          recipe_(recipe),
          hands_(hands),
          measured_(measured(state, recipe)) {}

    AskedQuestion ask() {
        out_.outside = state_.range->good.size() + state_.range->merge_bases.size();
        settings();
        columns();
        tried();
        costs();
        weights();
        boards();
        return {std::move(out_), std::move(names_), std::move(sources_)};
    }

  private:
    void settings() {
        const StartRequest& request = state_.requested->request;
        out_.settings.confidence = request.confidence;
        out_.settings.trust_ends = request.trust_ends;
        out_.settings.proof_follows = true;
        out_.settings.seed = state_.requested->seed;
        for (const std::string& hint : request.hints)
            if (const auto id = CommitId::parse(hint))
                if (const auto index = history_.find(*id)) out_.hints.push_back(*index);
    }

    void columns() {
        for (std::size_t i = 0; i < recipe_.symptoms.size(); ++i) {
            const Symptom& symptom = recipe_.symptoms[i];
            engine::Column column;
            column.run_s = measured_.run_s[i];
            column.boot_decides = symptom.boot_decides;
            column.never_by_chance = symptom.never_by_chance;
            column.most_runs = symptom.runs;
            column.ended = state_.conclusions.contains(symptom.name);
            sources_.emplace_back();
            showings(symptom, column);
            judgements(symptom, column);
            absences(symptom, column);
            const StartRequest& request = state_.requested->request;
            if (request.seen_failures > 0) {
                column.showings.push_back({engine::Spot{history_.size() - 1, false},
                                           request.seen_runs, request.seen_failures});
                sources_.back().emplace_back(0, 0);
            }
            out_.columns.push_back(std::move(column));
        }
    }

    void showings(const Symptom& symptom, engine::Column& column) {
        for (const StepState& step : state_.steps) {
            if (step.purpose == Purpose::proof_revert) continue;  // not that commit's tree
            if (!step.closed && counts_when_closed(step)) continue;
            const auto at = spot_of(state_, history_, step.commit);
            if (!at || state_.judgement(step.commit, symptom.name) != nullptr) continue;
            for (const AttemptState& attempt : step.attempts) {
                if (attempt.withdrawn) continue;
                const engine::Showing showing = showing_of(attempt, symptom, *at);
                if (showing.runs == 0) continue;
                column.showings.push_back(showing);
                sources_.back().emplace_back(step.number, attempt.number);
            }
        }
    }

    void judgements(const Symptom& symptom, engine::Column& column) const {
        std::set<CommitId> commits;
        for (const auto& [place, judged] : state_.judged) commits.insert(place.first);
        for (const CommitId& commit : commits) {
            const CommitJudged* const judged = state_.judgement(commit, symptom.name);
            const auto at = spot_of(state_, history_, commit);
            if (judged == nullptr || !at) continue;
            if (judged->verdict == Verdict::bad) column.judged_bad.push_back(*at);
            if (judged->verdict == Verdict::good) column.judged_good.push_back(*at);
        }
    }

    /// Commits that could be tested for other symptoms, and not for this one.
    void absences(const Symptom& symptom, engine::Column& column) const {
        for (const StepState& step : state_.steps) {
            const auto index = history_.find(step.commit);
            const auto given = step.verdicts.find(symptom.name);
            if (index && given != step.verdicts.end() && is_untestable(given->second) &&
                step.closed && !is_untestable(step) && step.purpose != Purpose::proof_revert)
                column.untestable.push_back(*index);
        }
    }

    void tried() {
        for (const StepState& step : state_.steps) {
            const auto index = history_.find(step.commit);
            if (!index || step.purpose == Purpose::proof_revert) continue;
            if (is_untestable(step))
                out_.tried.push_back({*index, false});
            else if (was_tested(step, recipe_))
                out_.tried.push_back({*index, true});
        }
        for (const BuildAheadState& build : state_.builds_ahead) {
            const auto index = history_.find(build.commit);
            if (index && build.ended && build.ended->outcome == Outcome::skip)
                out_.tried.push_back({*index, false});
        }
        for (const auto& [place, judged] : state_.judged) {
            const auto index = history_.find(place.first);
            if (index && !judged.withdrawn && judged.verdict == Verdict::skip)
                out_.tried.push_back({*index, false});
        }
    }

    void costs() {
        out_.costs.build_s = measured_.build_s;
        out_.costs.boot_s = measured_.boot_s;
        out_.costs.outside_built.assign(out_.outside, false);
        std::set<CommitIndex> built;
        for (const StepState& step : state_.steps)
            for (const AttemptState& attempt : step.attempts)
                if (attempt.built) mark_built(step.commit, built);
        unsigned going = 0;
        for (const BuildAheadState& build : state_.builds_ahead) {
            if (!build.ended) ++going;
            if (build.ended && build.ended->outcome == Outcome::good_looking)
                mark_built(build.commit, built);
            const auto index = history_.find(build.commit);
            if (!build.ended && index)
                out_.building.push_back(
                    {*index,
                     std::max(1.0, measured_.build_s - seconds_since(build.started_ms_utc))});
        }
        out_.costs.built.assign(built.begin(), built.end());
        out_.idle_builders = hands_.builders > going ? hands_.builders - going : 0;
    }

    void mark_built(const CommitId& commit, std::set<CommitIndex>& built) {
        const auto at = spot_of(state_, history_, commit);
        if (!at) return;
        if (at->outside)
            out_.costs.outside_built[at->index] = true;
        else
            built.insert(at->index);
    }

    double seconds_since(std::int64_t ms_utc) const {
        return static_cast<double>(state_.last_ms_utc - ms_utc) / 1000;
    }

    void weights() {
        out_.weight.assign(history_.size(), 1.0);
        for (CommitIndex commit : knowledge_.unlikely) out_.weight[commit] = unlikely_weight;
        for (CommitIndex commit = 0; commit < history_.size(); ++commit)
            if (!history_.counted(commit)) out_.weight[commit] = 0;
        for (const StepState& step : state_.steps)
            for (const AttemptState& attempt : step.attempts)
                if (const StepState* equal = equal_binary(state_, step, attempt))
                    rule_out_between(step.commit, equal->commit);
    }

    /// The suspects that make a commit bad; none of one outside of the range.
    std::vector<bool> suspects_of(const CommitId& commit) const {
        if (const auto index = history_.find(commit)) return history_.ancestors_of(*index);
        return std::vector<bool>(history_.size(), false);
    }

    /// Two commits with equal binaries are both bad or both good: no culprit lies between them.
    void rule_out_between(const CommitId& one, const CommitId& other) {
        const std::vector<bool> of_a = suspects_of(one), of_b = suspects_of(other);
        for (CommitIndex commit = 0; commit < history_.size(); ++commit)
            if (of_a[commit] != of_b[commit])
                out_.weight[commit] = std::min(out_.weight[commit], ruled_out_weight);
    }

    void boards() {
        for (const std::string& name : state_.requested->request.boards()) {
            if (state_.parked.contains(name) || state_.quarantined.contains(name)) continue;
            const StepState* const step = state_.step_on(name);
            if (step == nullptr) {
                if (std::ranges::find(hands_.free_boards, name) != hands_.free_boards.end())
                    add_board(name, {});
            } else if (step->purpose != Purpose::proof_revert && !step->is_proof()) {
                if (const auto at = spot_of(state_, history_, step->commit))
                    add_board(name, board_at(*step, step->attempts.back(), *at));
            }
        }
    }

    engine::BoardNow board_at(const StepState& step, const AttemptState& attempt,
                              engine::Spot at) const {
        engine::BoardNow board;
        const bool resting =
            at_rest(attempt, recipe_) && !hands_.busy.contains({step.number, attempt.number});
        for (const Symptom& symptom : recipe_.symptoms) {
            board.open.push_back(counts_when_closed(step) ? engine::Showing{at, 0, 0}
                                                          : showing_of(attempt, symptom, at));
            std::uint64_t left = 0;
            if (const BatchState* batch = attempt.open_batch();
                batch && batch->symptom == symptom.name)
                left = std::max<std::uint64_t>(
                    1, batch->planned - std::min(batch->planned, batch->last_run));
            board.busy_runs.push_back(left);
        }
        if (resting) {
            board.booted = at;
            return board;
        }
        board.busy_at = at;
        if (attempt.batches.empty()) {
            const double whole =
                attempt.built ? measured_.boot_s : measured_.build_s + measured_.boot_s;
            board.busy_setup_s = std::max(1.0, whole - seconds_since(attempt.started_ms_utc));
            board.busy_runs.assign(recipe_.symptoms.size(), 1);
        }
        return board;
    }

    void add_board(const std::string& name, engine::BoardNow board) {
        for (std::size_t column = 0; column < recipe_.symptoms.size(); ++column)
            board.columns.push_back(column);
        names_.push_back(name);
        out_.boards.push_back(std::move(board));
    }

    const BisectionState& state_;
    const Knowledge& knowledge_;
    const History& history_;
    const Recipe& recipe_;
    const Hands& hands_;
    const Measured measured_;
    engine::Question out_;
    std::vector<std::string> names_;
    std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> sources_;
};

}  // namespace

AskedQuestion question_of(const BisectionState& state, const Knowledge& knowledge,
                          const Recipe& recipe, const Hands& hands) {
    return Asking(state, knowledge, recipe, hands).ask();
}

std::optional<engine::Spot> spot_of(const BisectionState& state, const History& history,
                                    const CommitId& commit) {
    if (const auto index = history.find(commit)) return engine::Spot{*index, false};
    CommitIndex number = 0;
    for (const auto* outside : {&state.range->good, &state.range->merge_bases})
        for (const CommitId& id : *outside) {
            if (id == commit) return engine::Spot{number, true};
            ++number;
        }
    return std::nullopt;
}

CommitId commit_at(const BisectionState& state, const History& history, engine::Spot spot) {
    if (!spot.outside) return history.id(spot.index);
    const std::size_t goods = state.range->good.size();
    return spot.index < goods ? state.range->good[spot.index]
                              : state.range->merge_bases[spot.index - goods];
}

bool at_rest(const AttemptState& attempt, const Recipe& recipe) {
    if (attempt.ended || attempt.open_batch() != nullptr) return false;
    return recipe.build.kind == BuildKind::kernel ? attempt.proven.has_value()
                                                  : attempt.built.has_value();
}

bool stands_on_board(const AttemptState& attempt) {
    return !attempt.ended && (attempt.deployed || !attempt.batches.empty());
}

const StepState* equal_binary(const BisectionState& state, const StepState& step,
                              const AttemptState& attempt) {
    if (!attempt.built || attempt.built->content_sha256.empty()) return nullptr;
    for (const StepState& other : state.steps) {
        if (other.commit == step.commit || !other.closed) continue;
        for (const AttemptState& tested : other.attempts)
            if (tested.built && tested.runs() > 0 && !tested.withdrawn &&
                tested.built->content_sha256 == attempt.built->content_sha256)
                return &other;
    }
    return nullptr;
}

Measured measured(const BisectionState& state, const Recipe& recipe) {
    std::vector<double> builds, boots;
    std::vector<double> runs(recipe.symptoms.size(), 0), ms(recipe.symptoms.size(), 0);
    for (const BuildAheadState& build : state.builds_ahead)
        if (build.ended && !build.ended->from_store && build.ended->seconds > 0)
            builds.push_back(build.ended->seconds);
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts) {
            if (attempt.built && !attempt.built->from_store && attempt.built->seconds > 0)
                builds.push_back(attempt.built->seconds);
            if (attempt.proven && attempt.proven->boot_seconds > 0)
                boots.push_back(attempt.proven->boot_seconds +
                                (attempt.deployed ? attempt.deployed->seconds : 0));
            for (const BatchState& batch : attempt.batches)
                for (std::size_t i = 0; i < recipe.symptoms.size(); ++i)
                    if (recipe.symptoms[i].name == batch.symptom) {
                        runs[i] += static_cast<double>(batch.last_run);
                        ms[i] += static_cast<double>(batch.ms);
                    }
        }
    Measured out;
    out.build_s = std::max(0.1, median(std::move(builds), guessed_build_s));
    const bool boots_kernels = recipe.build.kind == BuildKind::kernel;
    out.boot_s = std::max(0.1, median(std::move(boots), boots_kernels ? guessed_boot_s : 1.0));
    for (std::size_t i = 0; i < runs.size(); ++i)
        out.run_s.push_back(runs[i] > 0 ? std::max(0.001, ms[i] / 1000 / runs[i]) : guessed_run_s);
    return out;
}

}  // namespace bisectd
