#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/commit_id.hpp"

namespace bisectd {

/// One file of an artefact.
struct ArtefactFile {
    /// "image", "config", "System.map", "sources" for kernels; the file name for commands
    std::string name;
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
    /// SHA-256 of the binary without its name (release, build-id): equal for commits that differ
    /// in nothing that is built, when their releases have one length. Empty: not known.
    std::string content_sha256;
    std::string compiler;  ///< kernel: what its compiler says of itself; empty: not known
    std::vector<std::string> drift;
    double seconds = 0;  ///< wall time of the build

    /// What is deployed: the kernel image or the first file.
    const ArtefactFile& image() const { return files.front(); }
    /// The file of this name; nothing when there is none.
    const ArtefactFile* file(std::string_view wanted) const {
        for (const ArtefactFile& each : files)
            if (each.name == wanted) return &each;
        return nullptr;
    }
};

}  // namespace bisectd
