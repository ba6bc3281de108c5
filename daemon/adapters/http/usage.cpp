#include "adapters/http/usage.hpp"

namespace bisectd::http {
namespace {

void count(ArtefactsView& view, bool from_store, double seconds) {
    if (from_store) {
        ++view.reuses;
        return;
    }
    ++view.builds;
    view.build_seconds += seconds;
}

}  // namespace

ArtefactsView usage_of(const std::vector<const BisectionState*>& bisections) {
    ArtefactsView view;
    for (const BisectionState* state : bisections) {
        for (const StepState& step : state->steps)
            for (const AttemptState& attempt : step.attempts)
                if (attempt.built) count(view, attempt.built->from_store, attempt.built->seconds);
        for (const BuildAheadState& build : state->builds_ahead)
            if (build.ended && build.ended->outcome == Outcome::good_looking)
                count(view, build.ended->from_store, build.ended->seconds);
    }
    return view;
}

}  // namespace bisectd::http
