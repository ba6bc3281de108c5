#pragma once
#include <functional>
#include <optional>
#include <string>

#include "core/artefact.hpp"
#include "core/blame.hpp"
#include "core/event.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// What is to be built, and who hears of it: an attempt, or a build ahead of one.
struct Building {
    Lab& lab;
    BisectionId bisection = 0;
    std::string repository;
    int priority = 0;      ///< at the builder's gate
    const Recipe& recipe;  ///< the frozen copy
    CommitId commit;
    bool end_of_range = false;  ///< a patch that does not apply is an error of the request there
    bool rebuild = false;       ///< also where the store has it
    std::optional<CommitId> reverted;  ///< laid in reverse on top of the patch stack
    std::string log;
    ProgressSink progress;
    /// What happened, to be journalled; its errors end the build.
    std::function<Climbed<>(Rung, const PreparedTree&, const std::string& tree)> prepared;
    std::function<Climbed<>(const std::string& key)> started;
    std::function<Climbed<>(const std::string& text)> note;
};

struct Finished {
    Artefact artefact;
    bool from_store = false;
    std::string rebuild;  ///< what a rebuild showed: "", "identical" or "different"
};

/// The artefact of a commit: from the store, or from a fresh checkout and a fresh build. A build
/// that the machine spoiled is repeated once.
Task<Climbed<Finished>> build(Building building);

}  // namespace bisectd
