#include "core/engine/plan.hpp"

#include <algorithm>
#include <optional>

#include "core/engine/choice.hpp"
#include "core/engine/ends.hpp"

namespace bisectd::engine {
namespace {

/// Passes over several boards: each chooses again, knowing what the others chose.
constexpr int passes = 2;
/// Part of a build and a boot that is waited for others. Source: specification 3.
constexpr double settle = 0.03;
/// How much better something else must be to drop what is begun. Source: specification 3.
constexpr double hysteresis = 1.3;

class Planner {
  public:
    explicit Planner(const Scene& scene)
        : scene_(scene), chosen_(scene.question.boards.size()), orders_(chosen_.size()) {}

    Plan make() {
        order_bad_ends();
        const int rounds = idle_boards() > 1 ? passes : 1;
        for (int round = 0; round < rounds; ++round)
            for (std::size_t board = 0; board < chosen_.size(); ++board)
                if (may_search(board)) {
                    chosen_[board] =
                        Chooser(scene_, pending_but(board)).best(scene_.question.boards[board]);
                }
        for (std::size_t board = 0; board < chosen_.size(); ++board)
            if (chosen_[board]) orders_[board] = order_of(board, *chosen_[board]);
        await_others();
        Plan plan;
        if (scene_.builders_apart()) {
            wait_where_builds_go_on();
            plan.builds = builds();
        }
        if (plan.builds.empty()) never_silent();
        plan.preempt = to_preempt();
        for (auto& order : orders_)
            if (order) plan.orders.push_back(std::move(*order));
        return plan;
    }

  private:
    const Question& question() const { return scene_.question; }

    bool may_search(std::size_t board) const {
        const BoardNow& now = question().boards[board];
        return !now.busy_at && !orders_[board] && serves(now);
    }

    bool serves(const BoardNow& board) const {
        return std::any_of(board.columns.begin(), board.columns.end(),
                           [this](std::size_t column) { return scene_.searched[column]; });
    }

    std::size_t idle_boards() const {
        std::size_t idle = 0;
        for (std::size_t board = 0; board < chosen_.size(); ++board) idle += may_search(board);
        return idle;
    }

    void order_bad_ends() {
        const Spot bad_end{scene_.ancestry.size() - 1, false};
        std::vector<bool> somebody_there(question().columns.size(), false);
        const auto is_there = [&somebody_there](const BoardNow& board, const auto& runs) {
            for (std::size_t i = 0; i < board.columns.size() && i < runs.size(); ++i)
                if (runs[i] > 0) somebody_there[board.columns[i]] = true;
        };
        for (const BoardNow& board : question().boards)
            if (board.busy_at == bad_end) is_there(board, board.busy_runs);
        // Who is there already stays there; only then may others go.
        for (bool there : {true, false})
            for (std::size_t board = 0; board < orders_.size(); ++board) {
                const BoardNow& now = question().boards[board];
                if (!may_search(board) || (now.booted == bad_end) != there) continue;
                orders_[board] = bad_end_order(scene_, board, somebody_there);
                if (orders_[board]) is_there(now, orders_[board]->runs);
            }
    }

    void add_pending(PendingTests& pending, const BoardNow& board, Spot at,
                     const std::vector<std::uint64_t>& runs) const {
        for (std::size_t i = 0; i < board.columns.size() && i < runs.size(); ++i) {
            const std::size_t column = board.columns[i];
            if (runs[i] == 0 || !scene_.searched[column]) continue;
            std::size_t length = length_of(scene_.beliefs[column].rates(), runs[i]);
            // Who goes somewhere stays there while that pays: his first order is not all he runs.
            if (!board.busy_at) length = std::max(length, usual_length(scene_, column));
            pending[column].push_back({at, length});
        }
    }

    PendingTests pending_but(std::size_t but) const {
        PendingTests pending(question().columns.size());
        for (std::size_t i = 0; i < question().boards.size(); ++i) {
            const BoardNow& board = question().boards[i];
            if (i == but) continue;
            if (board.busy_at)
                add_pending(pending, board, *board.busy_at, board.busy_runs);
            else if (orders_[i])
                add_pending(pending, board, orders_[i]->at, orders_[i]->runs);
            else if (chosen_[i])
                add_pending(pending, board, scene_.candidates[chosen_[i]->candidate].at,
                            runs_of(i, *chosen_[i]));
        }
        return pending;
    }

    std::vector<std::uint64_t> runs_of(std::size_t board, const Choice& choice) const {
        std::vector<std::uint64_t> runs;
        const BoardNow& now = question().boards[board];
        for (std::size_t i = 0; i < now.columns.size(); ++i) {
            const Rates& rates = scene_.beliefs[now.columns[i]].rates();
            runs.push_back(choice.lengths[i] ? rates.lengths()[*choice.lengths[i]] : 0);
        }
        return runs;
    }

    Order order_of(std::size_t board, const Choice& choice) const {
        const Spot at = scene_.candidates[choice.candidate].at;
        return {board, at, runs_of(board, choice), choice.stay, why(at, choice.stay)};
    }

    const char* why(Spot at, bool stay) const {
        if (at.outside) return "good end";
        for (CommitIndex hint : question().hints) {
            if (hint == at.index) return "hint";
            const auto parents = scene_.ancestry.parents(hint);
            if (std::find(parents.begin(), parents.end(), at.index) != parents.end()) return "hint";
        }
        if (stay) return "search";
        for (const Belief& belief : scene_.beliefs)
            if (const Tested* tested = belief.tested_at(at); tested != nullptr && tested->runs > 0)
                return "control";
        return "search";
    }

    /// Who is about to move waits for boards that are about to finish: they may change the plan.
    void await_others() {
        const Costs& costs = question().costs;
        const double worth_waiting_s = settle * (costs.build_s + costs.boot_s);
        const bool soon = std::any_of(
            question().boards.begin(), question().boards.end(), [&](const BoardNow& board) {
                return board.busy_at && remaining_s(board) <= worth_waiting_s;
            });
        if (!soon) return;
        for (std::size_t board = 0; board < orders_.size(); ++board)
            if (chosen_[board] && !chosen_[board]->stay) {
                orders_[board].reset();
                chosen_[board].reset();
            }
    }

    /// While nothing is under way and there is no answer somebody must do something.
    void never_silent() {
        const auto& boards = question().boards;
        if (!question().building.empty() ||
            std::any_of(boards.begin(), boards.end(),
                        [](const BoardNow& board) { return board.busy_at.has_value(); }) ||
            std::any_of(orders_.begin(), orders_.end(),
                        [](const auto& order) { return order.has_value(); }))
            return;
        for (std::size_t board = 0; board < boards.size(); ++board) {
            if (!may_search(board)) continue;
            chosen_[board] = Chooser(scene_, pending_but(board)).anything(boards[board]);
            if (!chosen_[board]) continue;
            orders_[board] = order_of(board, *chosen_[board]);
            return;
        }
    }

    double remaining_s(const BoardNow& board) const {
        double seconds = board.busy_setup_s;
        for (std::size_t i = 0; i < board.columns.size() && i < board.busy_runs.size(); ++i)
            seconds += static_cast<double>(board.busy_runs[i]) *
                       question().columns[board.columns[i]].run_s;
        return seconds;
    }

    /// Boards at a commit that others have all but decided meanwhile.
    std::vector<std::size_t> to_preempt() const {
        std::vector<std::size_t> preempt;
        for (std::size_t i = 0; i < question().boards.size(); ++i) {
            const BoardNow& board = question().boards[i];
            // A board that runs already comes back by itself when its order ends.
            if (!board.busy_at || board.busy_setup_s <= 0 || !serves(board)) continue;
            if (*board.busy_at == Spot{scene_.ancestry.size() - 1, false}) continue;
            const Chooser chooser(scene_, pending_but(i));
            if (!chooser.decided(board)) continue;
            const auto best = chooser.best(board);
            const bool elsewhere = best && scene_.candidates[best->candidate].at != *board.busy_at;
            if (elsewhere && best->rate > hysteresis * chooser.rate_of(board)) preempt.push_back(i);
        }
        return preempt;
    }

    /// A board whose next commit is not built yet runs on where it is, while that tells something.
    void wait_where_builds_go_on() {
        for (std::size_t board = 0; board < orders_.size(); ++board) {
            const BoardNow& now = question().boards[board];
            if (!chosen_[board] || chosen_[board]->stay || !now.booted) continue;
            const Candidate& target = scene_.candidates[chosen_[board]->candidate];
            if (target.wait_s <= 0) continue;
            if (!target.at.outside) wanted_.push_back(target.at.index);
            const auto stay = Chooser(scene_, pending_but(board)).stay_for(now, target.wait_s);
            if (stay) {
                chosen_[board] = stay;
                orders_[board] = order_of(board, *stay);
            }
        }
    }

    /// The builds that are best together with all that is under way.
    std::vector<CommitIndex> builds() const {
        PendingTests pending = pending_but(chosen_.size());
        std::vector<std::size_t> columns;
        for (std::size_t column = 0; column < scene_.searched.size(); ++column)
            if (scene_.searched[column]) columns.push_back(column);
        std::vector<CommitIndex> begun, builds;
        const auto expect = [&](CommitIndex commit) {
            begun.push_back(commit);
            for (std::size_t column : columns)
                pending[column].push_back({{commit, false}, usual_length(scene_, column)});
        };
        for (const Building& building : question().building) expect(building.commit);
        const auto need = [&](Spot at, bool counted) {
            const auto candidate = scene_.candidate_at(at);
            if (at.outside || !candidate || scene_.candidates[*candidate].built ||
                std::find(begun.begin(), begun.end(), at.index) != begun.end())
                return;
            if (counted)
                begun.push_back(at.index);
            else
                expect(at.index);
            builds.push_back(at.index);
        };
        // First what boards wait for; that they will test it is among the pending tests already.
        for (const BoardNow& board : question().boards)
            if (board.busy_at && board.busy_setup_s > question().costs.boot_s)
                need(*board.busy_at, true);
        for (const auto& order : orders_)
            if (order) need(order->at, true);
        for (CommitIndex commit : wanted_) need({commit, false}, false);
        // Builds that nobody gets to test before he knows better are wasted.
        const std::size_t builders = question().idle_builders + question().building.size();
        std::size_t ahead = untested_builds() + begun.size();
        while (builds.size() < question().idle_builders &&
               ahead++ < 2 * builders + 4 * question().boards.size()) {
            const auto next = Chooser(scene_, pending).best_to_build(columns, begun);
            if (!next) break;
            expect(scene_.candidates[next->candidate].at.index);
            builds.push_back(begun.back());
        }
        if (builds.size() > question().idle_builders) builds.resize(question().idle_builders);
        return builds;
    }

    /// Artefacts of commits that no board has run yet and that still are uncertain.
    std::size_t untested_builds() const {
        return static_cast<std::size_t>(std::count_if(
            scene_.candidates.begin(), scene_.candidates.end(), [this](const Candidate& candidate) {
                return candidate.built && !candidate.at.outside &&
                       std::all_of(scene_.beliefs.begin(), scene_.beliefs.end(),
                                   [&candidate](const Belief& belief) {
                                       return belief.tested_at(candidate.at) == nullptr;
                                   });
            }));
    }

    const Scene& scene_;
    std::vector<std::optional<Choice>> chosen_;
    std::vector<std::optional<Order>> orders_;
    std::vector<CommitIndex> wanted_;  ///< what boards wait for
};

}  // namespace

Plan plan(const Scene& scene) {
    return Planner(scene).make();
}

}  // namespace bisectd::engine
