#include "core/engine/ends.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::engine {
namespace {

/// Source: specification 3, "Start".
constexpr std::uint64_t hits_wanted = 2;
constexpr std::uint64_t hits_while_cheap = 8;

Spot bad_end(const Scene& scene) {
    return {scene.ancestry.size() - 1, false};
}

Count seen_there(const Scene& scene, std::size_t column) {
    const Tested* tested = scene.beliefs[column].tested_at(bad_end(scene));
    return tested == nullptr ? Count{} : Count{tested->runs, tested->hits};
}

/// How many runs to order: what a hit takes by today's belief, at least as long as it took to
/// get there, at most as many as were run before.
std::uint64_t runs_there(const Scene& scene, std::size_t column) {
    const Column& of = scene.question.columns[column];
    if (of.boot_decides) return 1;
    const Count seen = seen_there(scene, column);
    const double getting_there_s = scene.question.costs.build_s + scene.question.costs.boot_s;
    const double worth_it = getting_there_s / std::max(of.run_s, 1e-6);
    const double runs = std::max({8.0, worth_it, static_cast<double>(seen.runs)});
    auto order = static_cast<std::uint64_t>(std::min(runs, 20000.0));
    if (of.most_runs > 0) order = std::min(order, of.most_runs);
    return std::max<std::uint64_t>(order, 1);
}

/// The chance that this boot is broken, where it showed nothing yet and others did or may.
bool probably_broken(const Scene& scene, std::size_t column, Count open) {
    if (open.runs == 0 || open.hits > 0) return false;
    const double broken = scene.question.settings.broken_boot / 2;
    const Belief& belief = scene.beliefs[column];
    const std::vector<double> log =
        belief.rates().log_bad(open, scene.question.settings.broken_boot);
    double chance = 0;
    const std::vector<double>& masses = belief.rate_masses();
    for (std::size_t t = 0; t < masses.size(); ++t)
        chance += masses[t] * std::min(1.0, broken / std::exp(log[t]));
    return chance > 0.5;
}

/// Whether a few more hits, which tell the rate, cost less than getting anywhere else.
bool more_hits_are_cheap(const Scene& scene, std::size_t column) {
    const Column& of = scene.question.columns[column];
    const Count seen = seen_there(scene, column);
    if (of.boot_decides || seen.hits == 0 || seen.hits >= hits_while_cheap) return false;
    const double a_hit_s =
        of.run_s * static_cast<double>(seen.runs) / static_cast<double>(seen.hits);
    const double spent_s = of.run_s * static_cast<double>(seen.runs);
    return spent_s + a_hit_s + scene.question.costs.order_s <
           scene.question.costs.build_s + scene.question.costs.boot_s;
}

}  // namespace

bool bad_end_wanted(const Scene& scene, std::size_t column) {
    if (!scene.searched[column] || scene.question.settings.trust_ends) return false;
    if (scene.testability_for(column).known_untestable(bad_end(scene).index)) return false;
    const auto& verdicts = scene.question.columns[column].judged_bad;
    if (std::find(verdicts.begin(), verdicts.end(), bad_end(scene)) != verdicts.end()) return false;
    return seen_there(scene, column).hits < hits_wanted;
}

std::optional<Order> bad_end_order(const Scene& scene, std::size_t board,
                                   const std::vector<bool>& others_there) {
    const BoardNow& now = scene.question.boards[board];
    const bool is_there = now.booted == bad_end(scene);
    Order order{board, bad_end(scene), {}, is_there, "bad end"};
    bool any = false;
    bool seems_broken = false;
    for (std::size_t i = 0; i < now.columns.size(); ++i) {
        const std::size_t column = now.columns[i];
        const Column& of = scene.question.columns[column];
        const bool has_open = is_there && i < now.open.size();
        const bool wanted = bad_end_wanted(scene, column) && !others_there[column];
        const bool cheap = has_open && scene.searched[column] &&
                           !scene.question.settings.trust_ends &&
                           more_hits_are_cheap(scene, column);
        order.runs.push_back(wanted || cheap ? runs_there(scene, column) : 0);
        any = any || wanted || cheap;
        if (!has_open || !(wanted || cheap)) continue;
        seems_broken = seems_broken || (of.boot_decides && now.open[i].runs > 0) ||
                       probably_broken(scene, column, counted_runs(of, now.open[i]));
    }
    if (!any) return std::nullopt;
    if (seems_broken) order.stay = false;
    return order;
}

}  // namespace bisectd::engine
