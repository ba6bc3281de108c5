#include "core/asides.hpp"

namespace bisectd {

Asides asides_of(const BisectionState& state) {
    Asides out;
    for (const auto& [place, judged] : state.judged) out.judged.push_back(judged);
    if (!state.estimates.empty()) out.estimate = state.estimates.back();
    for (const auto& [board, why] : state.quarantined) out.quarantined.push_back({board, why});
    for (const ContradictionState& one : state.contradictions)
        out.contradictions.push_back(one.found);
    for (const BuildAheadState& build : state.builds_ahead) {
        if (!build.ended && !state.ended)
            out.building_ahead.push_back({build.number, build.commit, build.subject});
        if (build.ended && build.ended->outcome == Outcome::good_looking) ++out.built_ahead;
    }
    out.prior = state.prior;
    return out;
}

}  // namespace bisectd
