#pragma once
#include "core/engine/question.hpp"

namespace bisectd::engine {

/// What to do next and how it stands. Pure, total and deterministic: the same question over the
/// same ancestry gives the same advice, whatever the order of showings, boards' numbers aside.
Advice advise(const Ancestry& ancestry, const Question& question);

/// The probability that each spot is bad in a column, as it is seen now.
std::vector<double> bad_probabilities(const Ancestry& ancestry, const Question& question,
                                      std::size_t column, const std::vector<Spot>& spots);

/// The probability of being the culprit of each suspect of the range, in a column; for pictures.
std::vector<double> culprit_probabilities(const Ancestry& ancestry, const Question& question,
                                          std::size_t column);

/// What is still to come, by playing the rest of the bisection `games` times from this belief and
/// taking the medians; seeded by `Settings::seed`.
Outlook outlook(const Ancestry& ancestry, const Question& question, unsigned games);

}  // namespace bisectd::engine
