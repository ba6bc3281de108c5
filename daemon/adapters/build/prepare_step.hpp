#pragma once
#include <string>

#include "adapters/build/sandbox.hpp"
#include "adapters/build/sweeper.hpp"
#include "core/error.hpp"
#include "core/recipe.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// A recipe's `prepare`, which makes what is pushed to the board.
struct PrepareStep {
    std::string folder;  ///< of the bisection
    Recipe recipe;
};

/// Runs it in a fresh copy of the recipe's folder, in the sandbox; returns that copy. Does nothing
/// when it was done for this recipe's digest.
/// Errors: request when the command fails or leaves a file out; infrastructure for the machine's
/// faults; cancelled.
Task<Result<std::string>> run_prepare_step(Sandbox& sandbox, Sweeper& sweeper, PrepareStep step);

}  // namespace bisectd::build
