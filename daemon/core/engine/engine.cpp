#include "core/engine/engine.hpp"

#include <algorithm>

#include "core/engine/doubts.hpp"
#include "core/engine/plan.hpp"
#include "core/engine/scene.hpp"

namespace bisectd::engine {

Advice advise(const Ancestry& ancestry, const Question& question) {
    if (ancestry.size() == 0) return {};
    const Scene scene(ancestry, question);
    Plan next = plan(scene);
    Advice advice;
    advice.orders = std::move(next.orders);
    advice.builds = std::move(next.builds);
    advice.preempt = std::move(next.preempt);
    advice.standings = scene.standings;
    for (std::size_t column = 0; column < scene.beliefs.size(); ++column) {
        find_contradictions(scene, column, advice.contradictions);
        find_surprises(scene, column, advice.surprises);
    }
    return advice;
}

std::vector<double> bad_probabilities(const Ancestry& ancestry, const Question& question,
                                      std::size_t column, const std::vector<Spot>& spots) {
    if (ancestry.size() == 0) return std::vector<double>(spots.size(), 0);
    const Belief belief(ancestry, question, column);
    const double older = belief.classes()[Belief::older].mass;
    const std::vector<double> bad = ancestry.sums(belief.culprit_masses(false));
    std::vector<double> result;
    result.reserve(spots.size());
    for (Spot spot : spots)
        result.push_back(spot.outside ? older : std::min(1.0, older + bad[spot.index]));
    return result;
}

std::vector<double> culprit_probabilities(const Ancestry& ancestry, const Question& question,
                                          std::size_t column) {
    return Belief(ancestry, question, column).culprit_masses(false);
}

}  // namespace bisectd::engine
