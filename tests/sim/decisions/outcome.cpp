#include "tests/sim/decisions/outcome.hpp"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

namespace bisectd::simulate {
namespace {

/// CPU time of this thread. Unit: seconds.
double thread_cpu_s() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The number that a share of all does not exceed; 0 of none.
double quantile(std::vector<double> numbers, double share) {
    if (numbers.empty()) return 0;
    std::ranges::sort(numbers);
    return numbers[static_cast<std::size_t>(share * static_cast<double>(numbers.size() - 1))];
}

}  // namespace

void judge(Outcome& outcome, const Truth& truth, std::size_t symptom, const CommitSet& answer) {
    const CommitSet& alike = truth.look_alikes(symptom);
    bool within = true;
    for (std::size_t word = 0; word < answer.size(); ++word)
        within = within && (answer[word] & ~alike[word]) == 0;
    const std::size_t size = count(answer);
    const bool holds = contains(answer, truth.culprit(symptom));
    const bool right = holds && (within || size == 1);
    outcome.set_size = std::max<std::uint64_t>(symptom == 0 ? 0 : outcome.set_size, size);
    outcome.contains = holds && (symptom == 0 || outcome.contains);
    outcome.right = right && (symptom == 0 || outcome.right);
}

double Summary::standard_error() const {
    // With all right the share's own spread is 0: one wrong in twice as many is taken instead.
    const auto n = static_cast<double>(bisects);
    const double share = std::min(right, 1 - 0.5 / n);
    return std::sqrt(share * (1 - share) / n);
}

Summary summarise(const std::vector<Outcome>& outcomes) {
    Summary sum;
    sum.bisects = outcomes.size();
    const auto n = static_cast<double>(outcomes.size());
    std::vector<double> walls, halvings;
    for (const Outcome& one : outcomes) {
        sum.right += one.right / n;
        sum.contains += one.contains / n;
        sum.claimed += one.claimed / n;
        sum.silently_wrong += one.silently_wrong();
        sum.warned += one.warned;
        sum.gave_up += one.gave_up;
        sum.lied_to += one.lied_to;
        sum.boots += static_cast<double>(one.boots) / n;
        sum.commits += static_cast<double>(one.commits) / n;
        sum.builds += static_cast<double>(one.builds) / n;
        sum.failed_builds += static_cast<double>(one.failed_builds) / n;
        sum.runs += static_cast<double>(one.runs) / n;
        sum.wall_s += one.wall_s / n;
        sum.cpu_s += one.cpu_s / n;
        sum.information += one.information / n;
        walls.push_back(one.wall_s);
        if (one.right) halvings.push_back(one.halvings);
        if (!one.estimate) continue;
        const double ratio = one.estimate->said_s / one.estimate->came_s;
        ++sum.estimates;
        sum.estimates_kept += ratio < 1.5 && ratio > 1 / 1.5;
        sum.said_s += one.estimate->said_s;
    }
    if (sum.estimates > 0) {
        sum.estimates_kept /= static_cast<double>(sum.estimates);
        sum.said_s /= static_cast<double>(sum.estimates);
    }
    double spread = 0;
    for (const double wall : walls) spread += (wall - sum.wall_s) * (wall - sum.wall_s);
    if (n > 1) sum.wall_error_s = std::sqrt(spread / (n - 1) / n);
    sum.wall_p95_s = quantile(walls, 0.95);
    sum.halvings_median = quantile(halvings, 0.5);
    sum.halvings_p99 = quantile(halvings, 0.99);
    sum.halvings_most = quantile(halvings, 1);
    return sum;
}

std::vector<Outcome> play_all(const Range& range, const Scenario& scenario, unsigned jobs,
                              const Algorithm& algorithm) {
    std::vector<Outcome> outcomes(scenario.bisects);
    std::atomic<unsigned> next = 0;
    const auto work = [&range, &scenario, &algorithm, &outcomes, &next] {
        for (unsigned number = next++; number < scenario.bisects; number = next++) {
            const Truth truth(range, scenario, number);
            const double before = thread_cpu_s();
            outcomes[number] = algorithm(truth);
            outcomes[number].cpu_s = thread_cpu_s() - before;
            outcomes[number].information = truth.information();
        }
    };
    std::vector<std::jthread> threads;
    for (unsigned job = 1; job < jobs; ++job) threads.emplace_back(work);
    work();
    threads.clear();
    return outcomes;
}

}  // namespace bisectd::simulate
