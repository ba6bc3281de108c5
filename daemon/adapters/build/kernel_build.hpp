#pragma once
#include <boost/asio/thread_pool.hpp>
#include <string_view>

#include "adapters/build/artefact_store.hpp"
#include "adapters/build/build_run.hpp"
#include "adapters/build/toolchain.hpp"

namespace bisectd::build {

/// What a build made, before it is stored.
struct Made {
    Artefact artefact;  ///< without files
    std::vector<NewFile> files;
};
using MadeResult = std::variant<Made, BuildRefusal>;

/// Name of the artefact file that lists what a kernel was built from.
constexpr std::string_view sources_name = "sources";

/// Configures and builds the prepared tree as a kernel. What it left is read on `pool`.
Task<Result<MadeResult>> build_kernel(BuildRun& run, BuildOrder order, PreparedTree tree,
                                      Toolchain tools, bool ccache, boost::asio::thread_pool& pool);

/// Runs the recipe's command on the prepared tree.
Task<Result<MadeResult>> build_command(BuildRun& run, BuildOrder order, PreparedTree tree);

}  // namespace bisectd::build
