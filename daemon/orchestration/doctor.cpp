#include "orchestration/doctor.hpp"

#include <algorithm>
#include <optional>

#include "orchestration/board_agent.hpp"
#include "orchestration/recovery.hpp"
#include "orchestration/supervisor.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

Finding good(std::string subject, std::string what) {
    return Finding{std::move(subject), true, std::move(what)};
}
Finding bad(std::string subject, const Error& error) {
    return Finding{std::move(subject), false, describe(error)};
}

Task<void> examine_clone(Lab& lab, StartRequest request, std::vector<Finding>& findings) {
    const std::string& clone = request.repository;
    if (clone.empty() && request.bad.empty() && request.good.empty()) co_return;
    if (clone.empty() || request.bad.empty() || request.good.empty()) {
        findings.push_back({"clone and range", false,
                            "not looked at: that takes a clone, a good end and a bad end (--repo, "
                            "--good and --bad)"});
        co_return;
    }
    auto range = co_await lab.repository.resolve(std::move(request));
    if (!range) {
        findings.push_back(bad("clone and range", range.error()));
        co_return;
    }
    findings.push_back(good(
        "clone and range",
        "bad " + range->bad.brief() + ", " + std::to_string(range->history->size()) + " suspects"));
}

Task<void> examine_recipe(Lab& lab, StartRequest request, std::vector<Finding>& findings) {
    std::optional<Recipe> recipe;
    if (!request.recipe.empty()) {
        auto read = lab.catalogue.recipe(request.recipe);
        findings.push_back(read ? good("recipe " + request.recipe, read->title)
                                : bad("recipe " + request.recipe, read.error()));
        if (read) recipe = std::move(*read);
    }
    BuildSpec build;
    build.kind = BuildKind::command;  // without a recipe: what every build needs
    if (recipe) build = recipe->build;
    for (Finding& finding : co_await lab.workshop.examine(std::move(build)))
        findings.push_back(std::move(finding));
    if (!recipe || request.board.empty()) co_return;
    for (const std::string& name : request.boards()) {
        auto board = lab.catalogue.board(name);
        if (!board) continue;  // said when the board was examined
        if (auto fits = check_recipe_on_board(*recipe, *board); !fits)
            findings.push_back(bad("recipe on board " + name, fits.error()));
    }
}

void examine_drivers(Station& station, std::vector<Finding>& findings) {
    const std::string name = "board " + station.spec.name;
    if (station.spec.transport == Transport::local) return;
    findings.push_back(
        station.power->available()
            ? good(name + ": power",
                   "a switch is configured (doctor only makes sure that it is on)")
            : Finding{name + ": power", false,
                      "no switch is configured: a hung board will wait for a person; set [power]"});
    findings.push_back(
        station.console->available()
            ? good(name + ": console", "captured in " + station.console->file())
            : Finding{name + ": console", false,
                      "no console is configured: a kernel that dies at boot leaves no evidence; "
                      "set [console]"});
}

/// A kernel needs more than what is to stay free beside it.
Finding space_finding(const BoardSpec& board, const std::string& folder, std::uint64_t free_kib) {
    const std::string subject = "board " + board.name + ": free space";
    const std::uint64_t spare_kib = board.deploy.spare_kib;
    if (free_kib > spare_kib)
        return good(subject, std::to_string(free_kib / 1024) + " MiB for kernels");
    return {subject, false,
            folder + " has " + std::to_string(free_kib) + " KiB free, " +
                std::to_string(spare_kib) +
                " KiB must stay free beside a kernel (spare_kib); remove files there"};
}

/// Its file may have been edited since: that counts for the next one who gets the board.
void examine_held_board(Lab& lab, Station& station, std::vector<Finding>& findings) {
    const std::string name = "board " + station.spec.name;
    auto spec = lab.catalogue.board(station.spec.name);
    if (!spec) findings.push_back(bad(name, spec.error()));
    const bool edited = spec && !(*spec == station.spec);
    if (spec && !edited) examine_drivers(station, findings);
    const std::string holder =
        station.holder == 0 ? "somebody" : "bisection " + std::to_string(station.holder);
    findings.push_back(good(
        name, "held by " + holder + "; left alone" +
                  (edited ? "; what its file says by now counts from its next attempt on" : "")));
}

Task<void> examine_board(Lab& lab, Stations& stations, Station& station,
                         std::vector<Finding>& findings) {
    const std::string name = "board " + station.spec.name;
    const std::optional<Gate::Pass> lease = station.gate.try_enter();
    if (!lease) {
        examine_held_board(lab, station, findings);
        co_return;
    }
    if (auto refreshed = stations.refresh(station); !refreshed) {
        findings.push_back(bad(name, refreshed.error()));
        co_return;
    }
    examine_drivers(station, findings);
    // A board that is switched off is switched on: that is what a bisection would do.
    if (auto on = co_await station.power->on(); !on && station.power->available())
        findings.push_back(bad(name + ": power", on.error()));
    const auto anything = [](const BoardFacts&) { return true; };
    const auto up =
        co_await wait_for_board(lab, station.spec, station.spec.boot_deadline, anything);
    if (!up) {
        auto agent = co_await BoardAgent::meet(lab, station.spec, meeting_limit);
        findings.push_back(agent ? Finding{name + ": agent", false, "it tells no facts"}
                                 : bad(name + ": ssh", agent.error()));
        co_return;
    }
    findings.push_back(good(name + ": ssh and agent", "runs " + up->release));
    if (station.spec.transport == Transport::local) co_return;
    findings.push_back(is_known_good(station.spec, *up)
                           ? good(name + ": fallback kernel", "running, build-id " + up->build_id)
                           : Finding{name + ": fallback kernel", false,
                                     "another kernel runs (build-id " + up->build_id +
                                         "); boot the known-good one, or correct "
                                         "fallback_build_id"});
    const std::string& image = station.spec.deploy.image;
    auto agent = co_await BoardAgent::meet(lab, station.spec, meeting_limit);
    if (!agent || image.empty()) co_return;
    const std::string folder = image.substr(0, std::max<std::size_t>(1, image.rfind('/')));
    auto space = co_await agent->facts(folder);
    findings.push_back(space ? space_finding(station.spec, folder, space->free_kib)
                             : bad(name + ": free space", space.error()));
}

}  // namespace

Task<std::vector<Finding>> examine(Lab& lab, Stations& stations, StartRequest request) {
    std::vector<Finding> findings;
    co_await examine_clone(lab, request, findings);
    const std::vector<std::string> names =
        request.board.empty() ? lab.catalogue.boards() : request.boards();
    for (const std::string& name : names) {
        auto station = stations.get(name);
        if (!station) {
            findings.push_back(bad("board " + name, station.error()));
            continue;
        }
        co_await examine_board(lab, stations, **station, findings);
    }
    co_await examine_recipe(lab, std::move(request), findings);
    co_return findings;
}

}  // namespace bisectd
