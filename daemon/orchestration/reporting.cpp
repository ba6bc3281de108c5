#include "orchestration/reporting.hpp"

#include <algorithm>
#include <optional>

#include "orchestration/evidence.hpp"

namespace bisectd {
namespace {

/// Of a log, from its end. Unit: bytes.
constexpr std::uint64_t most_log_bytes = 1 << 20;
constexpr std::size_t lines_before = 4, lines_after = 14;

/// A step's attempt whose logs tell what the step showed.
struct Witness {
    const StepState* step = nullptr;
    std::uint64_t attempt = 0;
};

std::optional<Witness> witness(const StepState& step, const std::string& symptom, Verdict verdict) {
    const auto given = step.verdicts.find(symptom);
    if (given == step.verdicts.end() || given->second.verdict != verdict) return std::nullopt;
    const Look look = verdict == Verdict::bad ? Look::hit : Look::clean;
    for (auto attempt = step.attempts.rbegin(); attempt != step.attempts.rend(); ++attempt)
        if (!attempt->withdrawn && attempt->count(look, symptom) > 0)
            return Witness{&step, attempt->number};
    return std::nullopt;
}

/// The last step that shows the verdict: a proof where there is one.
std::optional<Witness> last_witness(const BisectionState& state, const std::string& symptom,
                                    Verdict verdict) {
    std::optional<Witness> best;
    for (const StepState& step : state.steps) {
        // Of a good verdict the parent tells more than the reverted bad end: it has the same parts.
        if (step.purpose == Purpose::proof_revert) continue;
        if (auto found = witness(step, symptom, verdict)) best = found;
    }
    return best;
}

std::string tail_of(Logs& logs, const std::string& file) {
    std::string tail, buffer;
    const auto log = logs.open(file);
    if (log == nullptr) return tail;
    const std::uint64_t size = log->size_bytes();
    std::uint64_t offset = size - std::min(size, most_log_bytes);
    while (tail.size() < most_log_bytes) {
        const std::string_view piece = log->read(buffer, offset, most_log_bytes - tail.size());
        if (piece.empty()) break;
        tail += piece;
        offset += piece.size();
    }
    return tail;
}

std::string place_of(const Witness& witness) {
    return "step " + std::to_string(witness.step->number) + ", " + witness.step->commit.brief();
}

std::vector<ReportedLogs> logs_of(const Lab& lab, const BisectionState& state,
                                  const std::string& symptom) {
    std::vector<ReportedLogs> logs;
    const auto good = last_witness(state, symptom, Verdict::good);
    const auto bad = last_witness(state, symptom, Verdict::bad);
    if (!good || !bad) return logs;
    for (const char* which : {"runs", "console"}) {
        const auto text = [&lab, &state, which](const Witness& of) {
            return tail_of(lab.logs, evidence_file(lab.workshop, state.id, of.step->number,
                                                   of.attempt, which));
        };
        const std::string bad_text = text(*bad);
        if (bad_text.empty()) continue;
        logs.push_back({which, place_of(*good), place_of(*bad),
                        difference_of(text(*good), bad_text, lines_before, lines_after)});
    }
    return logs;
}

}  // namespace

Task<Result<ReportMail>> write_report(Lab& lab, BisectionState state, std::string symptom,
                                      std::string git_log) {
    auto recipe = lab.catalogue.recipe_in(state.requested->recipe_folder);
    if (!recipe) co_return std::unexpected(recipe.error());
    auto result = reported_result(state, *recipe, symptom);
    if (!result) co_return std::unexpected(result.error());
    ReportFacts facts(state, *recipe, std::move(*result));
    const std::string repository = state.requested->request.repository;
    if (facts.result.ending == Ending::culprit) {
        const CommitId culprit = facts.result.commits.front();
        auto info = co_await lab.repository.commit(repository, culprit);
        if (!info) co_return std::unexpected(info.error());
        facts.message = info->message;
        facts.author = info->author;
        facts.author_time_s_utc = info->author_time_s_utc;
        auto change = co_await lab.repository.change(repository, culprit);
        if (!change) co_return std::unexpected(change.error());
        facts.change = std::move(*change);
    }
    if (state.range) {
        auto keepers = co_await lab.repository.file(repository, state.range->bad, "MAINTAINERS");
        if (!keepers) co_return std::unexpected(keepers.error());
        facts.maintainers = std::move(*keepers);
    }
    facts.logs = logs_of(lab, state, facts.result.symptom);
    facts.git_log = std::move(git_log);
    facts.version = lab.version;
    co_return report_mail(facts);
}

}  // namespace bisectd
