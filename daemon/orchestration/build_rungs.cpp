#include "orchestration/attempt.hpp"
#include "orchestration/building.hpp"

namespace bisectd {
namespace {

bool is_end(Purpose purpose) {
    return purpose == Purpose::bad_end || purpose == Purpose::good_end;
}

Built built_event(const Attempt& attempt, const Finished& finished) {
    const Artefact& artefact = finished.artefact;
    Built built;
    built.step = attempt.step;
    built.attempt = attempt.number;
    built.key = artefact.key;
    built.from_store = finished.from_store;
    built.image_sha256 = artefact.image().sha256;
    built.build_id = artefact.build_id;
    built.release = artefact.release;
    built.seconds = finished.from_store ? 0 : artefact.seconds;
    built.drift = artefact.drift;
    built.rebuild = finished.rebuild;
    built.content_sha256 = artefact.content_sha256;
    built.compiler = artefact.compiler;
    return built;
}

/// What the journal tells of an artefact: its names, not its files.
Artefact known_from(const Built& built) {
    Artefact artefact;
    artefact.key = built.key;
    artefact.build_id = built.build_id;
    artefact.release = built.release;
    artefact.content_sha256 = built.content_sha256;
    return artefact;
}

/// A proof rests on a build of its own, made once for its step.
bool must_rebuild(const StepState& step) {
    if (!step.is_proof()) return false;
    for (const AttemptState& earlier : step.attempts)
        if (earlier.built && !earlier.built->from_store) return false;
    return true;
}

/// What a proof by revert takes back: the suspect that this step is about.
std::optional<CommitId> reverted(const Attempt& attempt) {
    if (attempt.step_state().purpose != Purpose::proof_revert) return std::nullopt;
    if (attempt.step_state().reverted.empty()) return std::nullopt;
    return attempt.step_state().reverted;
}

}  // namespace

Task<Climbed<Artefact>> build_rungs(const Attempt& attempt) {
    // The kernel runs already: it needs no file any more, even if the store has lost it.
    if (attempt.state().built && attempt.state().proven)
        co_return known_from(*attempt.state().built);
    const StepState& step = attempt.step_state();
    Building building{
        .lab = attempt.lab,
        .bisection = attempt.chronicle.id(),
        .repository = attempt.request().repository,
        .priority = attempt.request().priority,
        .recipe = attempt.recipe,
        .commit = step.commit,
        .end_of_range = is_end(step.purpose),
        .rebuild = must_rebuild(step),
        .reverted = reverted(attempt),
        .log = attempt.lab.workshop.log_path(attempt.chronicle.id(), attempt.step, attempt.number),
        .progress = attempt.progress,
        .prepared = {},
        .started = {},
        .note = {}};
    building.prepared = [&attempt](Rung rung, const PreparedTree& tree, const std::string& id) {
        return attempt.record(
            rung, TreePrepared{attempt.step, attempt.number, id, tree.stack_digest, tree.patches});
    };
    building.started = [&attempt, log = building.log](const std::string& key) {
        return attempt.record(Rung::build, BuildStarted{attempt.step, attempt.number, key, log});
    };
    building.note = [&attempt](const std::string& text) {
        return attempt.record(Rung::build, Noted{text});
    };
    Climbed<Finished> finished = co_await build(std::move(building));
    if (!finished) co_return std::unexpected(finished.error());
    if (!attempt.state().built || !finished->from_store) {
        auto told = attempt.record(Rung::build, built_event(attempt, *finished));
        if (!told) co_return std::unexpected(told.error());
    }
    co_return finished->artefact;
}

}  // namespace bisectd
