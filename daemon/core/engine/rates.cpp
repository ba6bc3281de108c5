#include "core/engine/rates.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::engine {
namespace {

/// Source of the grid: specification 2; finer steps change nothing but the time.
/// A failure that always shows is common, all rarer ones are equally likely on a log scale.
constexpr double always = 0.995;
constexpr double prior_of_always = 0.25;
constexpr double step = 1.4;
constexpr double rarest = 2.5e-4;

struct Alarm {
    double rate;
    double prior;
};

std::vector<double> log_chance(const std::vector<double>& rates, Count count, double broken_boot) {
    const auto hits = static_cast<double>(count.hits);
    const auto clean = static_cast<double>(count.runs - count.hits);
    const bool all_alike = count.hits == 0 || count.hits == count.runs;
    std::vector<double> result;
    result.reserve(rates.size());
    for (double rate : rates) {
        double log = hits * std::log(rate) + clean * std::log1p(-rate);
        if (broken_boot > 0 && count.runs > 0) {
            log += std::log1p(-broken_boot);
            if (all_alike) {
                const double broken = std::log(broken_boot / 2);
                const double most = std::max(log, broken);
                log = most + std::log(std::exp(log - most) + std::exp(broken - most));
            }
        }
        result.push_back(log);
    }
    return result;
}

}  // namespace

const Rates& Rates::of(bool never_by_chance) {
    static const Rates by_chance(false);
    static const Rates never(true);
    return never_by_chance ? never : by_chance;
}

Rates::Rates(bool never_by_chance) {
    const std::vector<Alarm> alarms =
        never_by_chance ? std::vector<Alarm>{{1e-9, 1}}
                        : std::vector<Alarm>{
                              {1e-7, 0.55}, {1e-4, 0.15}, {1e-3, 0.15}, {5e-3, 0.10}, {2e-2, 0.05}};
    for (std::uint64_t n = 1; n <= 16384; n *= 2) {
        lengths_.push_back(n);
        if (n >= 2) lengths_.push_back(n * 3 / 2);
    }
    std::vector<double> rarer;
    for (double rate = 0.9; rate > rarest; rate /= step) rarer.push_back(rate);
    for (std::size_t alarm = 0; alarm < alarms.size(); ++alarm) {
        alarm_prior_.push_back(alarms[alarm].prior);
        add(always, alarms[alarm].rate, prior_of_always * alarms[alarm].prior, alarm);
        for (double rate : rarer)
            add(rate, alarms[alarm].rate,
                (1 - prior_of_always) / static_cast<double>(rarer.size()) * alarms[alarm].prior,
                alarm);
    }
}

void Rates::add(double bad, double good, double prior, std::size_t alarm) {
    const double either = 1 - (1 - bad) * (1 - good);
    bad_.push_back(either);
    good_.push_back(good);
    prior_.push_back(prior);
    alarm_.push_back(alarm);
    for (std::uint64_t length : lengths_) {
        const auto n = static_cast<double>(length);
        clean_bad_.push_back(std::exp(n * std::log1p(-either)));
        clean_good_.push_back(std::exp(n * std::log1p(-good)));
        runs_bad_.push_back(-std::expm1(n * std::log1p(-either)) / either);
        runs_good_.push_back(-std::expm1(n * std::log1p(-good)) / good);
    }
}

std::vector<double> Rates::log_bad(Count count, double broken_boot) const {
    return log_chance(bad_, count, broken_boot);
}

std::vector<double> Rates::log_good(Count count, double broken_boot) const {
    return log_chance(good_, count, broken_boot);
}

std::size_t length_of(const Rates& rates, std::uint64_t runs) {
    const auto& lengths = rates.lengths();
    const auto found = std::lower_bound(lengths.begin(), lengths.end(), runs);
    if (found == lengths.end()) return lengths.size() - 1;
    return static_cast<std::size_t>(found - lengths.begin());
}

}  // namespace bisectd::engine
