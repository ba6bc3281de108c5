#include "core/engine/scene.hpp"

#include <algorithm>

#include "core/engine/shortlist.hpp"
#include "core/engine/standing.hpp"

namespace bisectd::engine {
namespace {

std::optional<Testability> testability_apart(const Ancestry& ancestry, const Question& question,
                                             const Column& column) {
    if (column.untestable.empty()) return std::nullopt;
    std::vector<Tried> tried;
    for (const Tried& one : question.tried)
        if (std::find(column.untestable.begin(), column.untestable.end(), one.commit) ==
            column.untestable.end())
            tried.push_back(one);
    for (CommitIndex commit : column.untestable) tried.push_back({commit, false});
    return Testability(ancestry, tried);
}

}  // namespace

Scene::Scene(const Ancestry& of, const Question& asked)
    : ancestry(of), question(asked), testability(of, asked.tried) {
    beliefs.reserve(question.columns.size());
    for (std::size_t i = 0; i < question.columns.size(); ++i) {
        of_column.push_back(testability_apart(ancestry, question, question.columns[i]));
        beliefs.emplace_back(ancestry, question, i);
        standings.push_back(standing_of(ancestry, question, testability_for(i), beliefs.back()));
        searched.push_back(!question.columns[i].ended &&
                           standings.back().kind == Standing::Kind::open);
        if (searched.back() &&
            choice_sees_an_answer(ancestry, question, testability_for(i), beliefs.back()))
            beliefs.back().choose_as_it_is();
    }
    if (std::none_of(searched.begin(), searched.end(), [](bool open) { return open; })) return;
    candidates = shortlist(*this);
    for (std::size_t begin = 0; begin < candidates.size(); begin += Ancestry::tips_a_sweep) {
        const std::size_t end = std::min(candidates.size(), begin + Ancestry::tips_a_sweep);
        std::vector<CommitIndex> tips;  // outside spots come last and have no bit
        for (std::size_t i = begin; i < end; ++i)
            if (!candidates[i].at.outside) tips.push_back(candidates[i].at.index);
        reach.push_back(ancestry.reached_from(tips));
    }
}

std::optional<std::size_t> Scene::candidate_at(Spot spot) const {
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (candidates[i].at == spot) return i;
    return std::nullopt;
}

bool Scene::builders_apart() const {
    return question.idle_builders > 0 || !question.building.empty();
}

}  // namespace bisectd::engine
