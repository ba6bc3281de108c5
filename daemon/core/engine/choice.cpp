#include "core/engine/choice.hpp"

#include <algorithm>
#include <limits>

namespace bisectd::engine {
namespace {

/// Rates closer than this are a tie: what a chance of 1e-9 of a false alarm makes is less.
constexpr double tie = 1e-6;
/// Entropy bounds the information only where the rates are known. Source: specification 3.
constexpr double margin = 1.25;
/// Information below this is none. Unit: bits
constexpr double least_bits = 1e-6;
/// A board that stays does not do so for less, where going elsewhere tells more: an order is a
/// decision and a line in the log.
constexpr double least_bits_of_a_stay = 1e-3;
/// Nor for less than this part of the runs that its boot has made for each hit, and since: few and
/// large orders. An order ends with its first hit: where false alarms are about as frequent as the
/// symptom, one for a part of all runs would surely meet one, and tell nothing.
constexpr double least_part_of_a_stay = 0.25;
/// Nobody boots a tested commit again for less, while anything else tells something. Unit: bits
constexpr double least_bits_of_a_control = 0.03;
/// Filling the time until a build is there costs nothing but attention. Unit: bits
constexpr double least_bits_while_waiting = 2e-3;
/// Closer to good or bad than this a commit counts as decided. Source: specification 3.
constexpr double as_good_as_decided = 0.08;
/// A build that nobody waits for yet must be worth this. Unit: bits
constexpr double least_bits_of_a_build = 0.02;

double untestable_cost(const Candidate& candidate) {
    return candidate.untestable / (1 - candidate.untestable) * candidate.lost_s;
}

bool was_run(const Scene& scene, Spot at) {
    return std::any_of(scene.beliefs.begin(), scene.beliefs.end(), [at](const Belief& belief) {
        const Tested* tested = belief.tested_at(at);
        return tested != nullptr && tested->runs > 0;
    });
}

}  // namespace

std::size_t usual_length(const Scene& scene, std::size_t column) {
    if (scene.question.columns[column].boot_decides) return 0;
    const double rate = std::max(scene.standings[column].rate_median, 1e-4);
    return length_of(scene.beliefs[column].rates(), static_cast<std::uint64_t>(3 / rate) + 1);
}

Chooser::Chooser(const Scene& scene, const PendingTests& pending) : scene_(scene) {
    for (std::size_t column = 0; column < scene.beliefs.size(); ++column)
        gauges_.push_back(scene.searched[column]
                              ? std::make_unique<Gauge>(scene, column, pending[column])
                              : nullptr);
}

std::size_t Chooser::longest(std::size_t column) const {
    const Column& of = scene_.question.columns[column];
    const auto& lengths = scene_.beliefs[column].rates().lengths();
    if (of.boot_decides) return 0;
    std::size_t longest = lengths.size() - 1;
    while (of.most_runs > 0 && longest > 0 && lengths[longest] > of.most_runs) --longest;
    return longest;
}

Chooser::Curves Chooser::curves(const std::vector<std::size_t>& columns,
                                std::size_t candidate) const {
    Curves all;
    for (std::size_t column : columns)
        all.push_back(gauge(column) != nullptr ? gauge(column)->curve(candidate) : Gauge::Curve{});
    return all;
}

void Chooser::weigh(const std::vector<std::size_t>& columns, const Curves& curves, double ready_s,
                    Choice& choice) const {
    // The best rate r is the one at which the best sum of (bits - r * seconds) is nothing.
    choice.rate = 0;
    choice.lengths.assign(columns.size(), std::nullopt);
    for (int round = 0; round < 20; ++round) {
        double bits = 0;
        double seconds = ready_s;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            choice.lengths[i] = std::nullopt;
            if (curves[i].bits.empty()) continue;
            const double run_s = scene_.question.columns[columns[i]].run_s;
            double gain = 0;
            for (std::size_t n = 0; n <= longest(columns[i]); ++n) {
                const double here = curves[i].bits[n] - choice.rate * curves[i].runs[n] * run_s;
                if (here <= gain || curves[i].bits[n] < least_bits) continue;
                gain = here;
                choice.lengths[i] = n;
            }
            if (!choice.lengths[i]) continue;
            bits += curves[i].bits[*choice.lengths[i]];
            seconds += curves[i].runs[*choice.lengths[i]] * run_s;
        }
        const double rate = bits > 0 ? bits / std::max(seconds, 1e-9) : 0;
        if (rate <= choice.rate * (1 + 1e-12)) break;
        choice.rate = rate;
        choice.bits = bits;
    }
}

bool Chooser::better(const Choice& one, const Choice& other) const {
    if (one.rate > other.rate * (1 + tie)) return true;
    if (one.rate < other.rate * (1 - tie)) return false;
    const Candidate& a = scene_.candidates[one.candidate];
    const Candidate& b = scene_.candidates[other.candidate];
    if (a.built != b.built) return a.built;
    if (a.at.outside != b.at.outside) return b.at.outside;
    if (a.at.outside) return a.at.index < b.at.index;
    return scene_.ancestry.rank(a.at.index) < scene_.ancestry.rank(b.at.index);
}

std::optional<Choice> Chooser::best_move(const std::vector<std::size_t>& columns,
                                         const std::vector<bool>& allowed) const {
    struct Bound {
        std::size_t candidate;
        double rate;
    };
    std::vector<Bound> bounds;
    for (std::size_t i = 0; i < scene_.candidates.size(); ++i) {
        const Candidate& candidate = scene_.candidates[i];
        if (!allowed[i] || candidate.untestable > 0.999) continue;
        double bits = 0;
        for (std::size_t column : columns)
            if (gauge(column) != nullptr) bits += gauge(column)->most_bits(i);
        if (bits < least_bits_of_a_control && was_run(scene_, candidate.at)) continue;
        const double seconds = candidate.ready_s + untestable_cost(candidate);
        bounds.push_back({i, margin * bits / std::max(seconds, 1e-9)});
    }
    std::sort(bounds.begin(), bounds.end(), [](const Bound& a, const Bound& b) {
        return a.rate != b.rate ? a.rate > b.rate : a.candidate < b.candidate;
    });
    std::optional<Choice> best;
    for (const Bound& bound : bounds) {
        if (best && bound.rate < best->rate) break;
        const Candidate& candidate = scene_.candidates[bound.candidate];
        Choice choice;
        choice.candidate = bound.candidate;
        weigh(columns, curves(columns, bound.candidate),
              candidate.ready_s + scene_.question.costs.order_s + untestable_cost(candidate),
              choice);
        if (choice.rate > 0 && (!best || better(choice, *best))) best = choice;
    }
    return best;
}

std::optional<Choice> Chooser::best_stay(const BoardNow& board, double going_rate, double seconds,
                                         double at_least) const {
    if (!board.booted) return std::nullopt;
    const auto candidate = scene_.candidate_at(*board.booted);
    if (!candidate) return std::nullopt;
    Choice choice;
    choice.candidate = *candidate;
    choice.stay = true;
    choice.lengths.assign(board.columns.size(), std::nullopt);
    bool any = false;
    for (std::size_t i = 0; i < board.columns.size(); ++i) {
        const std::size_t column = board.columns[i];
        const Column& of = scene_.question.columns[column];
        if (gauge(column) == nullptr || i >= board.open.size()) continue;
        if (of.boot_decides && board.open[i].runs > 0) continue;
        const Count open = counted_runs(of, board.open[i]);
        const Gauge::Curve curve = gauge(column)->curve_on(*candidate, open);
        const auto& lengths = scene_.beliefs[column].rates().lengths();
        double gain = going_rate * scene_.question.costs.order_s;
        const double runs_a_hit =
            static_cast<double>(open.runs) / static_cast<double>(open.hits + 1);
        const double least_runs = std::min(least_part_of_a_stay * runs_a_hit,
                                           static_cast<double>(lengths[longest(column)]));
        for (std::size_t n = 0; n <= longest(column); ++n) {
            if (static_cast<double>(lengths[n]) * of.run_s > seconds) break;
            if (static_cast<double>(lengths[n]) < least_runs) continue;
            const double here = curve.bits[n] - going_rate * curve.runs[n] * of.run_s;
            if (here <= gain || curve.bits[n] < at_least) continue;
            gain = here;
            choice.lengths[i] = n;
            choice.rate = std::max(choice.rate, going_rate);
            any = true;
        }
    }
    if (!any) return std::nullopt;
    return choice;
}

std::optional<Choice> Chooser::best(const BoardNow& board) const {
    const std::vector<bool> all(scene_.candidates.size(), true);
    const std::optional<Choice> move = best_move(board.columns, all);
    // Staying pays for as long as it yields more a second than leaving.
    const double at_least =
        move ? std::min(least_bits_of_a_stay, move->bits) : least_bits_of_a_stay;
    const auto stay =
        best_stay(board, move ? move->rate : 0, std::numeric_limits<double>::infinity(), at_least);
    return stay ? stay : move;
}

std::optional<Choice> Chooser::anything(const BoardNow& board) const {
    std::optional<std::size_t> most;
    double most_worth = -1;
    for (std::size_t i = 0; i < scene_.candidates.size(); ++i) {
        const double testable = 1 - scene_.candidates[i].untestable;
        if (testable <= 0) continue;
        double worth = 0;
        for (std::size_t column : board.columns)
            if (gauge(column) != nullptr) worth += testable * gauge(column)->most_bits(i);
        if (worth <= most_worth) continue;
        most = i;
        most_worth = worth;
    }
    if (!most) return std::nullopt;
    Choice choice;
    choice.candidate = *most;
    for (std::size_t column : board.columns) {
        std::optional<std::size_t> length;
        if (gauge(column) != nullptr)
            length = std::min(longest(column), usual_length(scene_, column));
        choice.lengths.push_back(length);
    }
    return choice;
}

bool Chooser::decided(const BoardNow& busy) const {
    const auto candidate = scene_.candidate_at(*busy.busy_at);
    return candidate && std::all_of(busy.columns.begin(), busy.columns.end(), [&](auto column) {
               if (gauge(column) == nullptr) return true;
               const double bad = gauge(column)->bad(*candidate);
               return std::min(bad, 1 - bad) < as_good_as_decided;
           });
}

double Chooser::rate_of(const BoardNow& busy) const {
    const auto candidate = scene_.candidate_at(*busy.busy_at);
    if (!candidate) return 0;
    Choice choice;
    const double untestable = busy.busy_setup_s > scene_.question.costs.boot_s
                                  ? scene_.candidates[*candidate].untestable
                                  : 0;
    const double lost_s = untestable / (1 - untestable) * busy.busy_setup_s;
    weigh(busy.columns, curves(busy.columns, *candidate), busy.busy_setup_s + lost_s, choice);
    return choice.rate;
}

std::optional<Choice> Chooser::stay_for(const BoardNow& board, double seconds) const {
    return best_stay(board, 0, seconds, least_bits_while_waiting);
}

std::optional<Choice> Chooser::best_to_build(const std::vector<std::size_t>& columns,
                                             const std::vector<CommitIndex>& begun) const {
    std::vector<bool> allowed;
    allowed.reserve(scene_.candidates.size());
    for (const Candidate& candidate : scene_.candidates)
        allowed.push_back(!candidate.at.outside && !candidate.built &&
                          std::find(begun.begin(), begun.end(), candidate.at.index) == begun.end());
    const std::optional<Choice> choice = best_move(columns, allowed);
    if (!choice) return std::nullopt;
    double bits = 0;
    for (std::size_t column : columns)
        if (gauge(column) != nullptr) bits += gauge(column)->most_bits(choice->candidate);
    return bits >= least_bits_of_a_build ? choice : std::nullopt;
}

}  // namespace bisectd::engine
