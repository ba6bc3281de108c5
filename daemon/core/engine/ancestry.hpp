#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "core/history.hpp"

namespace bisectd::engine {

/// Who is whose ancestor in a history, prepared once for many questions.
/// Ranges up to some 30,000 commits keep one bit a pair; larger ones are sampled by the engine.
class Ancestry;

}  // namespace bisectd::engine
