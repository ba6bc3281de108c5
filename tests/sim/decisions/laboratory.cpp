#include "tests/sim/decisions/laboratory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/decisions/chance.hpp"

namespace bisectd::simulate {
namespace {

using engine::Spot;

/// A hint that is wrong: any commit but the culprit.
CommitIndex wrong_hint(const Truth& truth) {
    Chance chance(fold(truth.number(), 0x41));
    const CommitIndex drawn = chance.draw_below(truth.range().size());
    return drawn == truth.culprit(0) ? (drawn + 1) % truth.range().size() : drawn;
}

std::string name(Spot at) {
    return at.outside ? fmt::format("good end {}", at.index) : fmt::format("{}", at.index);
}

}  // namespace

Laboratory::Laboratory(const Truth& truth, Outcome& outcome)
    : truth_(truth), scenario_(truth.scenario()), outcome_(outcome) {
    const CommitIndex size = truth.range().size();
    columns_.resize(scenario_.symptoms);
    for (engine::Column& column : columns_) {
        column.run_s = scenario_.run_s;
        column.boot_decides = scenario_.boot_decides;
        column.never_by_chance = scenario_.never_by_chance;
        if (scenario_.seen_runs > 0)
            column.showings.push_back(
                {{truth.range().bad_end(), false}, scenario_.seen_runs, scenario_.seen_hits});
    }
    if (scenario_.unlikely > 0 && scenario_.tell_unlikely)
        for (CommitIndex commit = 0; commit < size; ++commit)
            weights_.push_back(truth.unlikely(commit) ? unlikely_weight : 1.0);
    if (scenario_.hint == Scenario::Hint::right) hints_ = {truth.culprit(0)};
    if (scenario_.hint == Scenario::Hint::wrong) hints_ = {wrong_hint(truth)};
    for (CommitIndex commit = 0; commit < size; ++commit)
        if (truth.prebuilt(commit)) built_.insert(commit);
    boards_.resize(scenario_.boards);
}

void Laboratory::tell(const std::string& line) {
    if (story_ != nullptr) *story_ += fmt::format("{:9.0f} s  {}\n", now_, line);
}

bool Laboratory::has_artefact(Spot at) const {
    return at.outside ? outside_built_ : built_.contains(at.index);
}

engine::BoardNow Laboratory::shown(const VirtualBoard& board, bool recalled) const {
    using Phase = VirtualBoard::Phase;
    engine::BoardNow shown;
    for (std::size_t column = 0; column < columns_.size(); ++column)
        shown.columns.push_back(column);
    if (board.booted) {
        shown.booted = board.at;
        shown.open = board.showed;
    }
    if (board.phase == Phase::idle || recalled) return shown;
    shown.busy_at = board.at;
    shown.busy_runs = board.ordered;
    if (board.phase == Phase::building) shown.busy_setup_s = board.until - now_ + scenario_.boot_s;
    if (board.phase == Phase::booting) shown.busy_setup_s = board.until - now_;
    if (board.phase == Phase::running)
        for (std::size_t column = 0; column < columns_.size(); ++column) {
            const RunPlan& plan = board.plans[column];
            const bool over = plan.hit && plan.seen == plan.comes;
            shown.busy_runs[column] = over ? 0 : plan.ordered - plan.seen;
        }
    return shown;
}

engine::Question Laboratory::question(const std::vector<bool>& recalled) const {
    engine::Question question;
    question.weight = weights_;
    question.hints = hints_;
    question.columns = columns_;
    question.tried = tried_;
    for (std::size_t board = 0; board < boards_.size(); ++board)
        question.boards.push_back(shown(boards_[board], recalled[board]));
    // Builds of attempts that build for themselves are seen by what their boards are busy with.
    if (scenario_.builders > 0)
        for (const auto& [at, ends] : builds_)
            if (!at.outside) question.building.push_back({at.index, ends - now_});
    const auto busy_builders = static_cast<unsigned>(builds_.size());
    if (scenario_.builders > busy_builders)
        question.idle_builders = scenario_.builders - busy_builders;
    question.costs.build_s = scenario_.build_s;
    question.costs.boot_s = scenario_.boot_s;
    question.costs.built.assign(built_.begin(), built_.end());
    question.costs.outside_built = {outside_built_};
    question.settings.confidence = scenario_.confidence;
    question.settings.broken_boot = scenario_.broken_boot_prior;
    question.settings.trust_ends = scenario_.trust_ends;
    question.settings.proof_follows = scenario_.proof_follows || scenario_.proof;
    question.settings.seed = scenario_.seed;
    return question;
}

void Laboratory::obey(const engine::Advice& advice, const std::vector<bool>& recalled) {
    std::vector<bool> ordered(boards_.size(), false);
    for (const engine::Order& order : advice.orders) {
        ordered[order.board] = true;
        send(boards_[order.board], order);
    }
    for (std::size_t board = 0; board < boards_.size(); ++board)
        if (recalled[board] && !ordered[board]) {
            abandon(boards_[board]);
            boards_[board].phase = VirtualBoard::Phase::idle;
            boards_[board].until = never;
        }
    for (const CommitIndex commit : advice.builds) start_build({commit, false});
}

bool Laboratory::builder_is_idle() const {
    return scenario_.builders == 0 || builds_.size() < scenario_.builders;
}

/// False when there is neither a build of it nor anyone to make one.
bool Laboratory::start_build(Spot at) {
    if (builds_.contains(at)) return true;
    if (has_artefact(at) || !builder_is_idle()) return false;
    builds_[at] = now_ + scenario_.build_s;
    ++outcome_.builds;
    tell(fmt::format("build {}", name(at)));
    return true;
}

void Laboratory::send(VirtualBoard& board, const engine::Order& order) {
    tell(fmt::format("board {} {} {}, {} runs ({})", order.board, order.stay ? "stays at" : "to",
                     name(order.at), order.runs.empty() ? 0 : order.runs[0], order.why));
    board.ordered = order.runs;
    board.ordered.resize(columns_.size(), 0);
    const bool on_the_way =
        board.phase == VirtualBoard::Phase::building || board.phase == VirtualBoard::Phase::booting;
    if (on_the_way && board.at == order.at) return;
    abandon(board);
    if (order.stay && board.booted && board.at == order.at) {
        board.run(truth_, now_);
        return;
    }
    board.at = order.at;
    board.booted = false;
    board.plans.clear();
    prepare(board);
}

/// An attempt that builds for itself and is called off takes its build with it, where no other
/// board waits for the same.
void Laboratory::abandon(const VirtualBoard& board) {
    using Phase = VirtualBoard::Phase;
    if (board.phase != Phase::building || scenario_.builders > 0) return;
    const auto waits = [&board](const VirtualBoard& other) {
        return other.phase == Phase::building && other.at == board.at;
    };
    if (std::ranges::count_if(boards_, waits) == 1) builds_.erase(board.at);
}

/// On the way to a boot: through a build, where there is none.
void Laboratory::prepare(VirtualBoard& board) {
    if (has_artefact(board.at)) {
        board.phase = VirtualBoard::Phase::booting;
        board.until = now_ + scenario_.boot_s;
        return;
    }
    const bool building = start_build(board.at);
    board.phase = building ? VirtualBoard::Phase::building : VirtualBoard::Phase::idle;
    board.until = building ? builds_[board.at] : never;
    if (!building) tell("no builder is idle: the order waits");
}

bool Laboratory::prove(Spot at, std::uint64_t runs, bool clean_build) {
    if (clean_build && at.outside) outside_built_ = false;
    if (clean_build && !at.outside) built_.erase(at.index);
    for (std::size_t board = 0; board < boards_.size(); ++board)
        if (boards_[board].phase == VirtualBoard::Phase::idle) {
            send(boards_[board], {.board = board,
                                  .at = at,
                                  .runs = std::vector(columns_.size(), runs),
                                  .why = "proof"});
            return boards_[board].phase != VirtualBoard::Phase::idle;
        }
    return false;
}

void Laboratory::boot(VirtualBoard& board) {
    const std::uint32_t nth = boots_[board.at]++;
    ++outcome_.boots;
    if (nth == 0) ++outcome_.commits;
    board.booted = true;
    board.nth_boot = nth;
    board.kind = kind_of_boot(board.at, nth);
    board.showed.assign(columns_.size(), {.at = board.at});
    board.position.clear();
    for (engine::Column& column : columns_) {
        board.position.push_back(column.showings.size());
        column.showings.push_back({.at = board.at});
    }
    board.run(truth_, now_);
}

BootKind Laboratory::kind_of_boot(Spot at, std::uint32_t nth) {
    const Scenario::Lie lie = scenario_.lie;
    const bool bad = truth_.bad(0, at);
    const bool eligible = lie != Scenario::Lie::none && bad == (lie == Scenario::Lie::good);
    if (eligible && ++eligible_for_lie_ == truth_.lying_boot()) {
        outcome_.lied_to = true;
        tell(bad ? "this boot will lie: never hits" : "this boot will lie: always hits");
        return bad ? BootKind::never_hits : BootKind::always_hits;
    }
    return truth_.boot(at, nth);
}

void Laboratory::record(VirtualBoard& board) {
    const std::vector<RunPlan> before = board.plans;
    if (!board.look(truth_, now_)) return;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        columns_[column].showings[board.position[column]] = board.showed[column];
        outcome_.runs += board.plans[column].seen - before[column].seen;
    }
}

void Laboratory::finish_builds() {
    for (auto build = builds_.begin(); build != builds_.end();) {
        if (build->second > now_) {
            ++build;
            continue;
        }
        const Spot at = build->first;
        const bool works = at.outside || truth_.builds(at.index);
        if (at.outside) outside_built_ = true;
        if (!at.outside) tried_.push_back({at.index, works});
        if (!at.outside && works) built_.insert(at.index);
        if (!works) ++outcome_.failed_builds;
        tell(fmt::format("{} {}", name(at), works ? "is built" : "does not build"));
        build = builds_.erase(build);
    }
}

void Laboratory::finish_phase(VirtualBoard& board) {
    using Phase = VirtualBoard::Phase;
    const Phase ended = board.phase;
    board.phase = Phase::idle;
    board.until = never;
    if (ended == Phase::building) {
        if (has_artefact(board.at)) prepare(board);
    } else if (ended == Phase::booting) {
        boot(board);
    } else {
        for (const engine::Showing& showing : board.showed)
            tell(fmt::format("{} showed {} hits in {} runs", name(showing.at), showing.hits,
                             showing.runs));
    }
}

bool Laboratory::advance() {
    double next = never;
    for (const VirtualBoard& board : boards_) next = std::min(next, board.until);
    for (const auto& [at, ends] : builds_) next = std::min(next, ends);
    if (next == never) return false;
    now_ = next;
    outcome_.wall_s = now_;
    finish_builds();
    for (VirtualBoard& board : boards_) {
        if (board.phase == VirtualBoard::Phase::running) record(board);
        if (board.until <= now_) finish_phase(board);
    }
    return true;
}

bool Laboratory::a_board_is_idle() const {
    return std::ranges::any_of(boards_, [](const VirtualBoard& board) {
        return board.phase == VirtualBoard::Phase::idle;
    });
}

bool Laboratory::anyone_idle() const {
    return (scenario_.builders > 0 && builder_is_idle()) ||
           std::ranges::any_of(boards_, [](const VirtualBoard& board) {
               return board.phase == VirtualBoard::Phase::idle;
           });
}

}  // namespace bisectd::simulate
