#pragma once
#include "core/engine/belief.hpp"
#include "core/engine/question.hpp"
#include "core/engine/testability.hpp"

namespace bisectd::engine {

/// Whether a column is answered, and what is known of it now.
Standing standing_of(const Ancestry& ancestry, const Question& question,
                     const Testability& testability, const Belief& belief);

/// Whether there is nothing left to find out in the eyes of the choice, which favours hints and
/// leaves broken boots to the proof. Where the standing is still open it must look at all doubts.
bool choice_sees_an_answer(const Ancestry& ancestry, const Question& question,
                           const Testability& testability, const Belief& belief);

/// Share of `1 - confidence` that the doubt "the good end is bad as well" may use up.
constexpr double share_of_doubt = 0.5;

}  // namespace bisectd::engine
