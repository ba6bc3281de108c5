#include "core/needed_artefacts.hpp"

#include <algorithm>

namespace bisectd {
namespace {

void add_keys(const StepState& step, std::set<std::string>& keys) {
    for (const AttemptState& attempt : step.attempts)
        if (attempt.built) keys.insert(attempt.built->key);
}

/// A suspect, whose rebuild is compared with what was tested, or a parent of one.
bool is_about_to_be_proven(const BisectionState& state, const CommitId& commit) {
    return std::ranges::any_of(state.suspects, [&commit](const auto& entry) {
        const SuspectNamed& named = entry.second.named;
        return named.commit == commit ||
               std::ranges::find(named.parents, commit) != named.parents.end();
    });
}

bool was_tested(const BisectionState& state, const CommitId& commit) {
    return std::ranges::any_of(state.steps, [&commit](const StepState& step) {
        return step.commit == commit && step.closed;
    });
}

}  // namespace

std::set<std::string> needed_artefacts(const BisectionState& state) {
    std::set<std::string> keys;
    if (state.ended) return keys;
    for (const StepState& step : state.steps)
        if (!step.closed || step.purpose != Purpose::search ||
            is_about_to_be_proven(state, step.commit))
            add_keys(step, keys);
    for (const BuildAheadState& build : state.builds_ahead)
        if (build.ended && !build.ended->key.empty() && !was_tested(state, build.commit))
            keys.insert(build.ended->key);
    return keys;
}

std::set<std::string> proof_artefacts(const BisectionState& state) {
    std::set<std::string> keys;
    for (const StepState& step : state.steps)
        if (step.is_proof()) add_keys(step, keys);
    return keys;
}

}  // namespace bisectd
