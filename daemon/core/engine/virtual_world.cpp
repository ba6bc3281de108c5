#include "core/engine/virtual_world.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/engine/plan.hpp"
#include "core/engine/scene.hpp"

namespace bisectd::engine {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// One stretch of an order: runs in one column, one after the other, up to the first hit.
struct Stretch {
    std::size_t column = 0;
    std::uint64_t ordered = 0;
    std::uint64_t runs = 0;  ///< that will be done
    bool hit = false;        ///< the last of them
    double begin_s = 0, end_s = 0;
};

struct Board {
    std::optional<Spot> booted;
    std::vector<std::size_t> showing;  ///< of its boot, in each of its columns
    bool broken_hits = false, broken_clean = false;
    bool busy = false;
    bool waits_for_build = false;
    Order order;
    double ready_s = 0;  ///< booted
    double end_s = 0;
    std::vector<Stretch> stretches;
};

class World {
  public:
    World(const Ancestry& ancestry, Question start, const Truth& truth, unsigned builders,
          Chance chance)
        : ancestry_(ancestry),
          question_(std::move(start)),
          truth_(truth),
          builders_(builders),
          chance_(chance),
          boards_(question_.boards.size()) {
        for (std::size_t i = 0; i < boards_.size(); ++i) adopt(i);
    }

    Played play(unsigned most_decisions, double most_s) {
        for (unsigned decisions = 0; decisions < most_decisions; ++decisions) {
            // What `advise` does, without the contradictions and surprises that nobody reads here.
            const Question question = asked();
            const Scene scene(ancestry_, question);
            played_.standings = scene.standings;
            if (answered(scene) || now_s_ > most_s) break;
            const Plan next = plan(scene);
            for (CommitIndex commit : next.builds) begin_build(commit);
            for (std::size_t board : next.preempt) drop(boards_[board]);
            for (const Order& order : next.orders) begin(order);
            if (next.preempt.empty() && !step()) break;
        }
        played_.seconds = now_s_;
        return played_;
    }

  private:
    static bool answered(const Scene& scene) {
        return std::none_of(scene.searched.begin(), scene.searched.end(),
                            [](bool searched) { return searched; });
    }

    /// A board that the question calls busy goes on; one with a boot keeps it.
    void adopt(std::size_t index) {
        Board& board = boards_[index];
        const BoardNow& now = question_.boards[index];
        if (now.booted) {
            board.booted = now.booted;
            for (std::size_t i = 0; i < now.columns.size(); ++i) {
                auto& showings = question_.columns[now.columns[i]].showings;
                const Showing open = i < now.open.size() ? now.open[i] : Showing{*now.booted, 0, 0};
                const auto same = std::find_if(showings.begin(), showings.end(), [&](auto& one) {
                    return one.at == open.at && one.runs == open.runs && one.hits == open.hits;
                });
                board.showing.push_back(static_cast<std::size_t>(same - showings.begin()));
                if (same == showings.end()) showings.push_back(open);
            }
        }
        if (!now.busy_at) return;
        Order order{index, *now.busy_at, now.busy_runs, now.booted == now.busy_at, ""};
        boot_and_run(order, now.busy_setup_s);
    }

    Question asked() {
        Question question = question_;
        question.building.clear();
        for (const Building& build : builds_)
            question.building.push_back({build.commit, std::max(0.0, build.left_s - now_s_)});
        question.idle_builders = builders_ - static_cast<unsigned>(builds_.size());
        for (std::size_t i = 0; i < boards_.size(); ++i) {
            const Board& board = boards_[i];
            BoardNow& now = question.boards[i];
            now.booted = board.busy ? std::nullopt : board.booted;
            now.open.clear();
            now.busy_at = std::nullopt;
            if (board.busy) {
                now.busy_at = board.order.at;
                now.busy_setup_s = std::max(0.0, board.ready_s - now_s_);
                if (board.waits_for_build) now.busy_setup_s = wait_s(board.order.at);
                now.busy_runs = board.order.runs;
            }
            for (const Stretch& stretch : board.stretches) report(board, stretch, question, now);
            for (std::size_t k = 0; now.booted && k < board.showing.size(); ++k)
                now.open.push_back(question.columns[now.columns[k]].showings[board.showing[k]]);
        }
        return question;
    }

    /// What a board has seen so far of the runs that it is at.
    void report(const Board& board, const Stretch& stretch, Question& question,
                BoardNow& now) const {
        if (now_s_ < stretch.begin_s || board.showing.empty()) return;
        const double run_s = std::max(question_.columns[stretch.column].run_s, 1e-9);
        const auto done =
            std::min(stretch.runs, static_cast<std::uint64_t>((now_s_ - stretch.begin_s) / run_s));
        for (std::size_t k = 0; k < now.columns.size(); ++k) {
            if (now.columns[k] != stretch.column) continue;
            Showing& showing = question.columns[stretch.column].showings[board.showing[k]];
            showing.runs += done;
            if (done == stretch.runs && stretch.hit) ++showing.hits;
            now.busy_runs[k] = stretch.ordered - done;
        }
    }

    double wait_s(Spot at) const {
        for (const Building& build : builds_)
            if (!at.outside && build.commit == at.index)
                return build.left_s - now_s_ + question_.costs.boot_s;
        return question_.costs.build_s + question_.costs.boot_s;
    }

    bool built(Spot at) const {
        const Costs& costs = question_.costs;
        if (at.outside)
            return at.index < costs.outside_built.size() && costs.outside_built[at.index];
        return std::find(costs.built.begin(), costs.built.end(), at.index) != costs.built.end();
    }

    bool untestable(Spot at) const {
        return !at.outside && !truth_.untestable.empty() && truth_.untestable[at.index];
    }

    void begin_build(CommitIndex commit) {
        if (builds_.size() >= builders_ || built({commit, false})) return;
        for (const Building& build : builds_)
            if (build.commit == commit) return;
        builds_.push_back({commit, now_s_ + question_.costs.build_s});
        ++played_.builds;
    }

    void begin(const Order& order) {
        if (order.stay || built(order.at)) {
            boot_and_run(order, order.stay ? 0 : question_.costs.boot_s);
            return;
        }
        Board& board = boards_[order.board];
        if (builders_ > 0 && !order.at.outside) {
            begin_build(order.at.index);
            board.busy = true;
            board.waits_for_build = true;
            board.order = order;
            board.end_s = never;
            board.stretches.clear();
            return;
        }
        ++played_.builds;
        boot_and_run(order,
                     question_.costs.build_s + (untestable(order.at) ? 0 : question_.costs.boot_s));
    }

    void boot_and_run(const Order& order, double setup_s) {
        Board& board = boards_[order.board];
        board.busy = true;
        board.waits_for_build = false;
        board.order = order;
        board.stretches.clear();
        board.ready_s = board.end_s = now_s_ + setup_s;
        if (untestable(order.at)) return;
        if (!order.stay) {
            const double drawn = chance_.next();
            board.broken_hits = drawn < truth_.broken_boot / 2;
            board.broken_clean = !board.broken_hits && drawn < truth_.broken_boot;
            board.showing.clear();
            ++played_.boots;
        }
        const auto& columns = question_.boards[order.board].columns;
        for (std::size_t k = 0; k < columns.size(); ++k) {
            if (!order.stay) {
                auto& showings = question_.columns[columns[k]].showings;
                board.showing.push_back(showings.size());
                showings.push_back({order.at, 0, 0});
            }
            if (order.runs[k] == 0) continue;
            Stretch stretch = drawn(board, columns[k], order, order.runs[k]);
            stretch.begin_s = board.end_s;
            board.end_s += static_cast<double>(stretch.runs) * question_.columns[columns[k]].run_s;
            stretch.end_s = board.end_s;
            board.stretches.push_back(stretch);
        }
    }

    Stretch drawn(const Board& board, std::size_t column, const Order& order, std::uint64_t runs) {
        const ColumnTruth& truth = truth_.columns[column];
        const bool bad = truth.kind == ColumnTruth::Kind::older ||
                         (truth.kind == ColumnTruth::Kind::culprit && !order.at.outside &&
                          ancestry_.is_ancestor(truth.culprit, order.at.index));
        double rate = bad ? truth.hit_on_bad : truth.hit_on_good;
        if (board.broken_hits) rate = 1;
        if (board.broken_clean) rate = 0;
        Stretch stretch{column, runs, runs, false, 0, 0};
        if (rate <= 0) return stretch;
        const double first =
            rate >= 1 ? 1 : std::floor(std::log1p(-chance_.next()) / std::log1p(-rate)) + 1;
        if (first > static_cast<double>(runs)) return stretch;
        stretch.runs = static_cast<std::uint64_t>(first);
        stretch.hit = true;
        return stretch;
    }

    /// Goes on to the next thing that happens.
    bool step() {
        double next = never;
        for (const Board& board : boards_)
            if (board.busy) next = std::min(next, next_of(board));
        for (const Building& build : builds_) next = std::min(next, build.left_s);
        if (next == never) return false;
        now_s_ = next;
        for (std::size_t i = 0; i < builds_.size();) {
            if (builds_[i].left_s > now_s_) {
                ++i;
                continue;
            }
            finish_build(builds_[i].commit);
            builds_.erase(builds_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        for (Board& board : boards_) {
            if (board.waits_for_build) begin_build(board.order.at.index);
            if (board.busy && !board.waits_for_build && next_of(board) <= now_s_) finish(board);
        }
        return true;
    }

    /// A hit ends an order: everything is to be chosen anew.
    static double next_of(const Board& board) {
        for (const Stretch& stretch : board.stretches)
            if (stretch.hit) return stretch.end_s;
        return board.end_s;
    }

    void finish_build(CommitIndex commit) {
        const bool works = !untestable({commit, false});
        if (works)
            question_.costs.built.push_back(commit);
        else
            ++played_.failed_builds;
        question_.tried.push_back({commit, works});
        for (Board& board : boards_) {
            if (!board.waits_for_build || board.order.at != Spot{commit, false}) continue;
            if (works)
                boot_and_run(Order(board.order), question_.costs.boot_s);
            else
                board.busy = board.waits_for_build = false;
        }
    }

    /// What was run so far counts; a boot that is not up yet is lost.
    void drop(Board& board) {
        board.busy = board.waits_for_build = false;
        const bool up = now_s_ >= board.ready_s && !board.stretches.empty();
        board.booted = up ? std::optional(board.order.at) : std::nullopt;
        if (up && !built(board.order.at)) note_built(board.order.at);
        for (Stretch& stretch : board.stretches) {
            const double run_s = std::max(question_.columns[stretch.column].run_s, 1e-9);
            const auto done =
                static_cast<std::uint64_t>(std::max(0.0, now_s_ - stretch.begin_s) / run_s);
            stretch.hit = stretch.hit && done >= stretch.runs;
            stretch.runs = std::min(stretch.runs, done);
            stretch.end_s = now_s_;
        }
        record(board);
    }

    void finish(Board& board) {
        board.busy = false;
        if (untestable(board.order.at)) {
            question_.tried.push_back({board.order.at.index, false});
            ++played_.failed_builds;
            board.booted = std::nullopt;
            return;
        }
        board.booted = board.order.at;
        if (!board.order.stay && !built(board.order.at)) note_built(board.order.at);
        record(board);
    }

    void record(Board& board) {
        const auto& columns = question_.boards[board.order.board].columns;
        for (const Stretch& stretch : board.stretches) {
            if (stretch.end_s > now_s_) continue;
            for (std::size_t k = 0; k < columns.size(); ++k) {
                if (columns[k] != stretch.column) continue;
                Showing& showing = question_.columns[stretch.column].showings[board.showing[k]];
                showing.runs += stretch.runs;
                showing.hits += stretch.hit ? 1 : 0;
                played_.runs += static_cast<double>(stretch.runs);
            }
        }
        board.stretches.clear();
    }

    void note_built(Spot at) {
        if (at.outside) {
            question_.costs.outside_built.resize(question_.outside, false);
            question_.costs.outside_built[at.index] = true;
        } else {
            question_.costs.built.push_back(at.index);
            question_.tried.push_back({at.index, true});
        }
    }

    const Ancestry& ancestry_;
    Question question_;
    const Truth& truth_;
    unsigned builders_;
    Chance chance_;
    std::vector<Board> boards_;
    std::vector<Building> builds_;  ///< `left_s` is the time of their end
    double now_s_ = 0;
    Played played_;
};

}  // namespace

double Chance::next() {
    // Source: SplitMix64, public domain.
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    return static_cast<double>(mixed >> 11) * 0x1.0p-53;
}

Played play(const Ancestry& ancestry, Question start, const Truth& truth, unsigned builders,
            unsigned most_decisions, Chance chance, double most_s) {
    return World(ancestry, std::move(start), truth, builders, chance).play(most_decisions, most_s);
}

}  // namespace bisectd::engine
