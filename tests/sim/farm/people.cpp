#include <algorithm>

#include "tests/sim/farm/farm.hpp"

// What people do at the farm.

namespace bisectd::sim {

StartRequest Farm::request_of(const Plot& plot) {
    StartRequest request;
    request.repository = plot.repository;
    request.bad = "bad";
    request.good = {"good"};
    request.recipe = "recipe-" + plot.repository;
    std::vector<std::string> names;
    for (const auto& [name, board] : sim_.boards()) names.push_back(name);
    request.board = names[chance_.below(static_cast<unsigned>(names.size()))];
    for (const std::string& name : names)
        if (name != request.board && chance_.one_in(3)) request.more_boards.push_back(name);
    if (plot.culprits.front() && chance_.one_in(8))
        request.hints.push_back("c" + std::to_string(*plot.culprits.front()));
    return request;
}

void Farm::ask_for_bisections() {
    for (const auto& [id, state] : inspector_.states())
        if (state.requested) asked_.insert(state.requested->request.repository);
    for (const Plot& plot : plots_) {
        if (asked_.contains(plot.repository)) continue;
        tell("    somebody asks for a bisection of " + plot.repository);
        const auto answer = sim_.try_ask(request_of(plot));
        if (!answer || !*answer) return;  // asks again at the next look
        asked_.insert(plot.repository);
    }
}

void Farm::look_after_disk() {
    Disk& disk = sim_.world.disk;
    if (!disk.is_low() || chance_.one_in(3)) return;
    tell("    somebody makes room on the disk");
    disk.free = 50 * disk.floor;
}

void Farm::look_after_boards() {
    std::set<std::string> parked;
    for (const auto& [id, state] : inspector_.states()) {
        for (const auto& [board, ask] : state.parked) parked.insert(board);
        if (state.ended) continue;
        for (const auto& [board, why] : state.quarantined) parked.insert(board);
    }
    for (const std::string& name : parked) {
        FakeBoard& board = sim_.board(name);
        // Where others do the work nobody hurries.
        if (chance_.one_in(3)) continue;
        tell("    somebody mends " + name);
        if (board.is_broken()) {
            board.replace();
        } else {
            board.mend();
            board.cycle();
        }
        if (!sim_.supervisor().return_board(name)) tell("    the daemon did not take it back");
    }
}

void Farm::look_after(BisectionId id) {
    const BisectionState* const state = sim_.supervisor().bisection(id);
    if (state == nullptr || state->ended) return;
    if (state->activity == Activity::paused) {
        look_at_boards_of(*state);
        tell("    somebody resumes " + std::to_string(id) + ": " + state->paused_why);
        (void)sim_.supervisor().resume(id);
    } else if (meddles_) {
        meddle(id);
    }
}

/// Where nothing is booted nobody but a person brings back a board that hangs.
void Farm::look_at_boards_of(const BisectionState& state) {
    const Plot* const plot = plot_of(plots_, state.requested->request.repository);
    if (plot == nullptr || plot->boots()) return;
    for (const std::string& name : state.requested->request.boards()) {
        FakeBoard& board = sim_.board(name);
        if (board.answers() || board.refuses()) continue;
        tell("    somebody mends " + name);
        if (board.is_broken()) board.replace();
        board.mend();
        board.cycle();
    }
}

void Farm::meddle(BisectionId id) {
    switch (chance_.below(40)) {
        case 0:
            tell("    somebody cancels " + std::to_string(id));
            (void)sim_.supervisor().cancel(id);
            break;
        case 1:
        case 2:
        case 3:
            tell("    somebody pauses " + std::to_string(id));
            (void)sim_.supervisor().pause(id);
            break;
        case 4:
        case 5:
            judge(id);
            break;
        default:
            break;
    }
}

/// What people say is true.
void Farm::judge(BisectionId id) {
    const BisectionState& state = *sim_.supervisor().bisection(id);
    const Plot* const plot = plot_of(plots_, state.requested->request.repository);
    const unsigned commit = plot->good + chance_.below(plot->bad - plot->good + 1);
    const auto symptom = chance_.below(static_cast<unsigned>(plot->symptoms.size()));
    const bool bad = plot->has_bug(symptom, commit);
    tell("    somebody judges c" + std::to_string(commit));
    const Judgement judgement{.commit = "c" + std::to_string(commit),
                              .symptom = plot->symptoms[symptom],
                              .verdict = bad ? Verdict::bad : Verdict::good,
                              .why = "seen elsewhere"};
    (void)sim_.try_judge(judgement, id);
}

}  // namespace bisectd::sim
