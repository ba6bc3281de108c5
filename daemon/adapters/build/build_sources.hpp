#pragma once
#include <cstddef>
#include <set>
#include <string>

#include "core/error.hpp"

namespace bisectd::build {

/// Where the files of a finished kernel build lie, and how it was configured.
struct FinishedBuild {
    std::string source;
    std::string output;
    bool config_of_tree = true;  ///< the base configuration is one of the tree's own
};

/// The files of the source tree that the build read, relative to the tree: what compilers and
/// the configuration's reader named in kbuild's dependency files (.*.cmd in the output folder),
/// and in the folders that it entered whatever else may steer it (core/build_inputs.hpp).
/// Names with control characters, blanks or quotes are left out. Empty: nothing is known,
/// because the build left no dependency files, or more than anybody reads.
/// Errors: infrastructure when the output folder cannot be read. Blocking.
Result<std::set<std::string>> build_sources(const FinishedBuild& build);

/// The files of the tree that went into one object, by its dependency file (relative to the output
/// folder). Errors: infrastructure when it cannot be read. Blocking.
Result<std::set<std::string>> object_sources(const FinishedBuild& build,
                                             const std::string& command_file);

/// Largest list that is read. Source: all paths of Linux take 4 MB. Unit: bytes.
constexpr std::size_t sources_limit_bytes = 64 << 20;

/// The paths as the artefact file "sources" has them, one a line.
std::string listing_of(const std::set<std::string>& paths);

}  // namespace bisectd::build
