#include "orchestration/surveying.hpp"

#include "core/engine/engine.hpp"
#include "core/question_of.hpp"
#include "orchestration/prior.hpp"
#include "ports/offload.hpp"

namespace bisectd {
namespace {

Survey computed_survey(const BisectionState& state, const Knowledge& known, const Recipe& recipe) {
    Knowledge knowledge = known;
    if (!knowledge.ancestry)
        knowledge.ancestry = std::make_shared<const engine::Ancestry>(knowledge.history);
    const AskedQuestion asked = question_of(state, knowledge, recipe, Hands{});
    const std::vector<double> probability =
        engine::culprit_probabilities(*knowledge.ancestry, asked.question, 0);
    return survey_of(state, *knowledge.history, probability);
}

}  // namespace

Task<Result<Survey>> draw_survey(Lab& lab, BisectionState state, Knowledge knowledge) {
    const std::string where = "bisection " + std::to_string(state.id);
    if (!state.requested || !state.range)
        co_return wrong_request(where, "its range is not known yet");
    const StartRequest request = state.requested->request;
    auto recipe = lab.catalogue.recipe_in(state.requested->recipe_folder);
    if (!recipe) co_return std::unexpected(recipe.error());
    if (!knowledge.history) {
        auto range = co_await lab.repository.load(request, state.range->bad, state.range->good);
        if (!range) co_return std::unexpected(range.error());
        knowledge.history = range->history;
        if (state.prior) {
            auto unlikely = read_prior(lab, *state.prior, *knowledge.history);
            if (!unlikely) co_return std::unexpected(unlikely.error());
            knowledge.unlikely = std::move(*unlikely);
        }
    }
    const auto compute = [state, knowledge, taken = *recipe]() -> Result<Survey> {
        return computed_survey(state, knowledge, taken);
    };
    Result<Survey> survey = lab.pool == nullptr ? compute() : co_await offload(*lab.pool, compute);
    if (!survey) co_return survey;
    for (auto* commits : {&survey->likely, &survey->around})
        for (SurveyCommit& commit : *commits) {
            commit.subject = state.subject_of(commit.commit);
            if (!commit.subject.empty()) continue;
            auto info = co_await lab.repository.commit(request.repository, commit.commit);
            if (!info) co_return std::unexpected(info.error());
            commit.subject = info->subject;
        }
    co_return survey;
}

}  // namespace bisectd
