#include "orchestration/prior.hpp"

#include <algorithm>

#include "core/culprit_flags.hpp"

namespace bisectd {
namespace {

/// The newest artefact of a commit that an attempt of the bisection used.
std::optional<Artefact> artefact_of(Lab& lab, const BisectionState& state, const CommitId& commit) {
    std::optional<Artefact> found;
    for (const StepState& step : state.steps) {
        if (step.commit != commit || step.purpose == Purpose::proof_revert) continue;
        for (const AttemptState& attempt : step.attempts)
            if (attempt.built)
                if (auto stored = lab.workshop.find(attempt.built->key)) found = std::move(stored);
    }
    return found;
}

}  // namespace

Task<Result<PriorWeighed>> weigh_prior(Lab& lab, const BisectionState& state,
                                       std::shared_ptr<const History> history) {
    const StartRequest& request = state.requested->request;
    const auto artefact = artefact_of(lab, state, state.range->bad);
    auto inputs = std::make_shared<BuildInputs>();
    if (artefact) {
        auto read = lab.workshop.inputs(*artefact);
        if (!read) co_return std::unexpected(read.error());
        *inputs = std::move(*read);
    }
    auto unlikely =
        co_await lab.repository.unlikely(request.repository, history, inputs, request.first_parent);
    if (!unlikely) co_return std::unexpected(unlikely.error());
    auto frozen = lab.workshop.freeze_commits(state.id, "unlikely", *unlikely);
    if (!frozen) co_return std::unexpected(frozen.error());
    co_return PriorWeighed{frozen->file, frozen->sha256, history->size(), unlikely->size()};
}

Result<std::vector<CommitIndex>> read_prior(const Lab& lab, const PriorWeighed& prior,
                                            const History& history) {
    auto commits = lab.workshop.frozen_commits(FrozenList{prior.file, prior.sha256});
    if (!commits) return std::unexpected(commits.error());
    std::vector<CommitIndex> indices;
    for (const CommitId& commit : *commits)
        if (const auto index = history.find(commit)) indices.push_back(*index);
    return indices;
}

Task<std::vector<std::string>> flags_of(Lab& lab, const BisectionState& state, const Recipe& recipe,
                                        CommitId commit) {
    CulpritFacts facts;
    auto change = co_await lab.repository.change(state.requested->request.repository, commit);
    if (!change) co_return std::vector<std::string>{};  // the proof does not rest on it
    facts.change = std::move(*change);
    if (const auto artefact = artefact_of(lab, state, state.range->bad)) {
        if (const auto inputs = lab.workshop.inputs(*artefact); inputs && !inputs->empty()) {
            facts.architectures = inputs->architectures();
            facts.built_from = std::ranges::any_of(
                facts.change.paths,
                [&inputs](const std::string& path) { return inputs->reads(path); });
        }
    }
    if (facts.architectures.empty() && !recipe.build.arch.empty())
        facts.architectures.push_back(source_architecture(recipe.build.arch));
    auto info = co_await lab.repository.commit(state.requested->request.repository, commit);
    if (info && info->parents.size() == 1) {
        const auto mine = artefact_of(lab, state, commit);
        const auto parents = artefact_of(lab, state, info->parents.front());
        if (mine && parents && !mine->content_sha256.empty() && !parents->content_sha256.empty())
            facts.binary_changed = mine->content_sha256 != parents->content_sha256;
        for (const StepState& step : state.steps)
            if (step.commit == info->parents.front())
                for (const AttemptState& attempt : step.attempts)
                    if (attempt.looks.contains(Look::not_applicable))
                        facts.not_applicable_before = true;
    }
    co_return culprit_flags(facts);
}

}  // namespace bisectd
