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

/// Logs that lie further apart than this: the sum of what they stand for is the larger one.
constexpr double far_apart = 37;

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
    double next = 0.9;
    while (next > rarest) {
        rarer.push_back(next);
        next /= step;
    }
    for (std::size_t alarm = 0; alarm < alarms.size(); ++alarm) {
        alarm_prior_.push_back(alarms[alarm].prior);
        log_alarm_.add(alarms[alarm].rate);
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
    log_prior_.push_back(std::log(prior));
    log_bad_.add(either);
    alarm_.push_back(alarm);
    for (std::uint64_t length : lengths_) {
        const auto n = static_cast<double>(length);
        clean_bad_.push_back(std::exp(n * std::log1p(-either)));
        clean_good_.push_back(std::exp(n * std::log1p(-good)));
        runs_bad_.push_back(-std::expm1(n * std::log1p(-either)) / either);
        runs_good_.push_back(-std::expm1(n * std::log1p(-good)) / good);
    }
}

void Rates::Logs::add(double rate) {
    hit.push_back(std::log(rate));
    clean.push_back(std::log1p(-rate));
}

void Rates::log_chance(const Logs& logs, Count count, double broken_boot,
                       std::vector<double>& result) {
    const auto hits = static_cast<double>(count.hits);
    const auto clean = static_cast<double>(count.runs - count.hits);
    const bool doubted = broken_boot > 0 && count.runs > 0;
    const bool all_alike = count.hits == 0 || count.hits == count.runs;
    const double log_whole = doubted ? std::log1p(-broken_boot) : 0;
    const double log_broken = doubted ? std::log(broken_boot / 2) : 0;
    result.resize(logs.hit.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        double log = hits * logs.hit[i] + clean * logs.clean[i] + log_whole;
        if (doubted && all_alike) {
            const double above = log - log_broken;
            if (above < -far_apart)
                log = log_broken;
            else if (above < far_apart)
                log = log_broken + std::log1p(std::exp(above));
        }
        result[i] = log;
    }
}

std::vector<double> Rates::log_bad(Count count, double broken_boot) const {
    std::vector<double> result;
    log_chance(log_bad_, count, broken_boot, result);
    return result;
}

std::vector<double> Rates::log_good(Count count, double broken_boot) const {
    std::vector<double> of_alarms;
    log_chance(log_alarm_, count, broken_boot, of_alarms);
    std::vector<double> result;
    result.reserve(size());
    for (std::size_t alarm : alarm_) result.push_back(of_alarms[alarm]);
    return result;
}

std::size_t length_of(const Rates& rates, std::uint64_t runs) {
    const auto& lengths = rates.lengths();
    const auto found = std::lower_bound(lengths.begin(), lengths.end(), runs);
    if (found == lengths.end()) return lengths.size() - 1;
    return static_cast<std::size_t>(found - lengths.begin());
}

}  // namespace bisectd::engine
