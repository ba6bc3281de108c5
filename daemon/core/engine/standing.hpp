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

/// Where one class is heavy enough in the eyes of the choice, the answer is kept open only by the
/// fear of false alarms (`Belief::robust_mass`): what they could have made is tested first.
/// Source: measured, 200 bisects; 1 in 800 with three hits seen 26318 +- 507 s instead of 27231 +-
/// 546.
void fear_where_nothing_else_is_left(const Question& question, Belief& belief);

/// Share of `1 - confidence` that the doubt "the good end is bad as well" may use up.
constexpr double share_of_doubt = 0.5;

}  // namespace bisectd::engine
