#include "orchestration/building.hpp"

namespace bisectd {
namespace {

/// The part of an artefact's release that bisectd put there.
std::string localversion_of(const Artefact& artefact) {
    const std::size_t at = artefact.release.find("-bisect");
    return at == std::string::npos ? "" : artefact.release.substr(at);
}

Task<Climbed<BuildOrder>> make_order(const Building& building) {
    Lab& lab = building.lab;
    auto info = co_await lab.repository.commit(building.repository, building.commit);
    if (!info) co_return std::unexpected(blame(Rung::check_out, info.error()));
    auto patches = co_await lab.repository.patches_for(building.repository, building.commit,
                                                       building.recipe.patches);
    if (!patches) co_return std::unexpected(blame(Rung::patch, patches.error()));
    BuildOrder order;
    order.bisection = building.bisection;
    order.mirror = lab.repository.mirror(building.repository);
    order.commit = building.commit;
    order.tree = info->tree;
    order.patches = std::move(*patches);
    order.spec = building.recipe.build;
    order.recipe_folder = building.recipe.folder;
    order.log = building.log;
    if (building.reverted) {
        Patch revert;
        revert.commit = building.reverted->hex();
        revert.reverse = true;
        order.patches.push_back(std::move(revert));
    }
    co_return order;
}

/// One build from a fresh checkout in a fresh output folder.
Task<Climbed<Artefact>> build_once(const Building& building, BuildOrder order) {
    Lab& lab = building.lab;
    auto prepared = co_await lab.workshop.prepare(order);
    if (!prepared) co_return std::unexpected(blame(Rung::check_out, prepared.error()));
    if (const auto* conflict = std::get_if<PatchConflict>(&*prepared))
        co_return std::unexpected(patch_conflict(conflict->policy,
                                                 building.end_of_range && !building.reverted,
                                                 conflict->patch, conflict->reject));
    const PreparedTree tree = std::get<PreparedTree>(*prepared);
    auto told = building.prepared(Rung::patch, tree, order.tree);
    if (!told) co_return std::unexpected(told.error());
    auto result = co_await lab.workshop.build(order, tree, building.progress);
    if (!result) co_return std::unexpected(blame(Rung::build, result.error()));
    if (const auto* refusal = std::get_if<BuildRefusal>(&*result))
        co_return std::unexpected(
            fact(Rung::build,
                 building.recipe.build.failure_is_bad ? Outcome::bad_looking : Outcome::skip,
                 "it does not build: " + refusal->excerpt));
    co_return std::get<Artefact>(*result);
}

Task<Climbed<Finished>> build_fresh(const Building& building, BuildOrder order, std::string key) {
    const Gate::Pass pass =
        co_await building.lab.builder.enter(building.bisection, building.priority);
    // Whoever waited at the gate may find that the one before has built just this.
    const std::optional<Artefact> stored = co_await building.lab.workshop.take(key);
    if (stored && !building.rebuild) co_return Finished{*stored, true, ""};
    if (stored) order.localversion = localversion_of(*stored);
    SpaceWatch* const space = building.lab.space;
    if (space != nullptr) co_await space->room_to_build(building.bisection, building.progress);
    auto begun = building.started(key);
    if (!begun) co_return std::unexpected(begun.error());
    auto confinement = co_await building.lab.workshop.confinement(building.recipe);
    if (!confinement) co_return std::unexpected(blame(Rung::build, confinement.error()));
    if (!confinement->empty())
        if (auto told = building.note(*confinement); !told) co_return std::unexpected(told.error());
    Climbed<Artefact> artefact = co_await build_once(building, order);
    if (!artefact && artefact.error().outcome == Outcome::infrastructure &&
        !artefact.error().ends_bisection && !artefact.error().left_open) {
        auto noted =
            building.note("the build is repeated once in fresh folders: " + artefact.error().cause);
        if (!noted) co_return std::unexpected(noted.error());
        if (space != nullptr) co_await space->room_to_build(building.bisection, building.progress);
        artefact = co_await build_once(building, order);
    }
    if (!artefact) co_return std::unexpected(artefact.error());
    if (space != nullptr) space->grown();
    Finished finished{*artefact, false, ""};
    if (stored)
        finished.rebuild =
            stored->image().sha256 == artefact->image().sha256 ? "identical" : "different";
    co_return finished;
}

}  // namespace

Task<Climbed<Finished>> build(Building building) {
    Lab& lab = building.lab;
    Climbed<BuildOrder> order = co_await make_order(building);
    if (!order) co_return std::unexpected(order.error());
    auto key = co_await lab.workshop.key(*order);
    if (!key) co_return std::unexpected(blame(Rung::build, key.error()));
    if (!building.rebuild)
        if (auto stored = co_await lab.workshop.take(*key)) co_return Finished{*stored, true, ""};
    co_return co_await build_fresh(building, *order, *key);
}

}  // namespace bisectd
