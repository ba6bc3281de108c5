#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/commit_id.hpp"

namespace bisectd {

/// One file of an artefact.
struct ArtefactFile {
    std::string name;  ///< "image", "config", "vmlinux" for kernels; the file name for commands
    std::string path;  ///< absolute, in the artefact store
    std::string sha256;
    std::uint64_t bytes = 0;
};

/// A finished build in the store.
struct Artefact {
    std::string key;  ///< SHA-256 over tree, patch stack, config, toolchain, arch, build recipe
    CommitId commit;  ///< the commit it was built for first
    std::vector<ArtefactFile> files;
    std::string build_id;  ///< kernel: GNU build-id in hex; empty for commands
    std::string release;   ///< kernel: what `uname -r` must say
    std::vector<std::string> drift;
    double seconds = 0;  ///< wall time of the build

    /// What is deployed: the kernel image or the first file.
    const ArtefactFile& image() const { return files.front(); }
};

}  // namespace bisectd
