#pragma once
#include "core/engine/belief.hpp"
#include "core/engine/question.hpp"
#include "core/engine/testability.hpp"

namespace bisectd::engine {

/// Whether a column is answered, and what is known of it now.
Standing standing_of(const Ancestry& ancestry, const Question& question,
                     const Testability& testability, const Belief& belief);

/// Whether all that is left to doubt is that a boot was broken, and no proof will tell: a set is
/// not proven. Then the doubt is worth tests.
bool set_but_for_broken_boots(const Ancestry& ancestry, const Question& question,
                              const Testability& testability, const Belief& belief);

/// Share of `1 - confidence` that the doubt "the good end is bad as well" may use up.
constexpr double share_of_doubt = 0.5;

}  // namespace bisectd::engine
