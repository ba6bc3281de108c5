#include "orchestration/attempt.hpp"

namespace bisectd {
namespace {

bool is_proof(Purpose purpose) {
    return purpose == Purpose::proof_culprit || purpose == Purpose::proof_parent;
}

bool is_end(Purpose purpose) {
    return purpose == Purpose::bad_end || purpose == Purpose::good_end;
}

/// The part of an artefact's release that bisectd put there.
std::string localversion_of(const Artefact& artefact) {
    const std::size_t at = artefact.release.find("-bisect");
    return at == std::string::npos ? "" : artefact.release.substr(at);
}

Built built_event(const Attempt& attempt, const Artefact& artefact, bool from_store) {
    Built built;
    built.step = attempt.step;
    built.attempt = attempt.number;
    built.key = artefact.key;
    built.from_store = from_store;
    built.image_sha256 = artefact.image().sha256;
    built.build_id = artefact.build_id;
    built.release = artefact.release;
    built.seconds = from_store ? 0 : artefact.seconds;
    built.drift = artefact.drift;
    return built;
}

Task<Climbed<BuildOrder>> make_order(const Attempt& attempt) {
    Lab& lab = attempt.lab;
    const std::string& repository = attempt.request().repository;
    const CommitId commit = attempt.step_state().commit;
    auto info = co_await lab.repository.commit(repository, commit);
    if (!info) co_return std::unexpected(blame(Rung::check_out, info.error()));
    auto patches = co_await lab.repository.patches_for(repository, commit, attempt.recipe.patches);
    if (!patches) co_return std::unexpected(blame(Rung::patch, patches.error()));
    BuildOrder order;
    order.bisection = attempt.chronicle.id();
    order.mirror = lab.repository.mirror(repository);
    order.commit = commit;
    order.tree = info->tree;
    order.patches = std::move(*patches);
    order.spec = attempt.recipe.build;
    order.recipe_folder = attempt.recipe.folder;
    order.log = lab.workshop.log_path(order.bisection, attempt.step, attempt.number);
    co_return order;
}

/// One build from a fresh checkout in a fresh output folder.
Task<Climbed<Artefact>> build_once(const Attempt& attempt, BuildOrder order) {
    Lab& lab = attempt.lab;
    auto prepared = co_await lab.workshop.prepare(order);
    if (!prepared) co_return std::unexpected(blame(Rung::check_out, prepared.error()));
    if (const auto* conflict = std::get_if<PatchConflict>(&*prepared))
        co_return std::unexpected(patch_conflict(conflict->policy,
                                                 is_end(attempt.step_state().purpose),
                                                 conflict->patch, conflict->reject));
    const PreparedTree tree = std::get<PreparedTree>(*prepared);
    auto told = attempt.record(Rung::patch, TreePrepared{attempt.step, attempt.number, order.tree,
                                                         tree.stack_digest, tree.patches});
    if (!told) co_return std::unexpected(told.error());
    auto result = co_await lab.workshop.build(order, tree, attempt.progress);
    if (!result) co_return std::unexpected(blame(Rung::build, result.error()));
    if (const auto* refusal = std::get_if<BuildRefusal>(&*result))
        co_return std::unexpected(fact(
            Rung::build, attempt.recipe.build.failure_is_bad ? Outcome::bad_looking : Outcome::skip,
            "it does not build: " + refusal->excerpt));
    co_return std::get<Artefact>(*result);
}

Task<Climbed<Artefact>> build_fresh(const Attempt& attempt, BuildOrder order, std::string key) {
    const Gate::Pass pass = co_await attempt.lab.builder.enter();
    auto begun =
        attempt.record(Rung::build, BuildStarted{attempt.step, attempt.number, key, order.log});
    if (!begun) co_return std::unexpected(begun.error());
    Climbed<Artefact> artefact = co_await build_once(attempt, order);
    if (artefact || artefact.error().outcome != Outcome::infrastructure ||
        artefact.error().ends_bisection || artefact.error().left_open)
        co_return artefact;
    auto noted = attempt.record(Rung::build, Noted{"the build is repeated once in fresh folders: " +
                                                   artefact.error().cause});
    if (!noted) co_return std::unexpected(noted.error());
    co_return co_await build_once(attempt, order);
}

}  // namespace

Task<Climbed<Artefact>> build_rungs(const Attempt& attempt) {
    Lab& lab = attempt.lab;
    Climbed<BuildOrder> order = co_await make_order(attempt);
    if (!order) co_return std::unexpected(order.error());
    auto key = co_await lab.workshop.key(*order);
    if (!key) co_return std::unexpected(blame(Rung::build, key.error()));
    const std::optional<Artefact> stored = lab.workshop.find(*key);

    // A proof rests on a build of its own, made once for its step.
    bool built_in_step = false;
    for (const AttemptState& earlier : attempt.step_state().attempts)
        if (earlier.built && !earlier.built->from_store) built_in_step = true;
    const bool must_rebuild = is_proof(attempt.step_state().purpose) && !built_in_step;

    if (stored && !must_rebuild) {
        if (!attempt.state().built) {
            auto told = attempt.record(Rung::build, built_event(attempt, *stored, true));
            if (!told) co_return std::unexpected(told.error());
        }
        co_return *stored;
    }
    if (stored) order->localversion = localversion_of(*stored);
    Climbed<Artefact> artefact = co_await build_fresh(attempt, *order, *key);
    if (!artefact) co_return artefact;
    Built built = built_event(attempt, *artefact, false);
    if (stored)
        built.rebuild =
            stored->image().sha256 == artefact->image().sha256 ? "identical" : "different";
    auto told = attempt.record(Rung::build, built);
    if (!told) co_return std::unexpected(told.error());
    co_return artefact;
}

}  // namespace bisectd
