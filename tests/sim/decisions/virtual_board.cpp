#include "tests/sim/decisions/virtual_board.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::simulate {

std::uint64_t RunPlan::over_at(double now, double run_s) const {
    // A run that ends at `now` is over, whatever the rounding.
    const double runs = std::floor((now - begins) / run_s + 1e-6);
    if (runs <= 0) return 0;
    return runs >= static_cast<double>(comes) ? comes : static_cast<std::uint64_t>(runs);
}

void VirtualBoard::run(const Truth& truth, double now) {
    const double run_s = truth.scenario().run_s;
    plans.assign(ordered.size(), {});
    for (std::size_t symptom = 0; symptom < ordered.size(); ++symptom) {
        RunPlan& plan = plans[symptom];
        plan.begins = now;
        plan.before = showed[symptom].runs;
        plan.ordered = ordered[symptom];
        const auto hit =
            truth.first_hit(symptom, at, nth_boot, kind, plan.before, plan.before + plan.ordered);
        plan.hit = hit.has_value();
        plan.comes = hit ? *hit - plan.before : plan.ordered;
        now += run_s * static_cast<double>(plan.comes);
    }
    phase = Phase::running;
    until = now;
}

bool VirtualBoard::look(const Truth& truth, double now) {
    bool changed = false;
    for (std::size_t symptom = 0; symptom < plans.size(); ++symptom) {
        RunPlan& plan = plans[symptom];
        const std::uint64_t over =
            now >= until ? plan.comes : plan.over_at(now, truth.scenario().run_s);
        if (over <= plan.seen) continue;
        changed = true;
        showed[symptom].runs += over - plan.seen;
        if (plan.hit && over == plan.comes) ++showed[symptom].hits;
        plan.seen = over;
    }
    return changed;
}

}  // namespace bisectd::simulate
