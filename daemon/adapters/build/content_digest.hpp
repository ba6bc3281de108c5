#pragma once
#include <string>
#include <vector>

#include "adapters/build/build_sources.hpp"
#include "adapters/digest/sha256.hpp"
#include "core/artefact.hpp"
#include "core/error.hpp"

namespace bisectd::build {

/// A SHA-256 over bytes in which some words count as blanks of their length, wherever they stand.
class MaskedDigest {
  public:
    explicit MaskedDigest(std::vector<std::string> words);
    void add(std::string_view bytes);
    /// A border: no word reaches over it. `name` counts.
    void begin_part(std::string_view name);
    std::string hex();

  private:
    void pass_on(std::size_t bytes);
    void mask();
    std::vector<std::string> words_;
    std::size_t longest_ = 0;
    std::string held_;  ///< may be the beginning of a word
    Sha256 digest_;
};

/// SHA-256 of what a kernel loads and how it is started, without its name: the loaded segments of
/// its vmlinux and the objects beside the boot image (arch/*/boot: decompressor, set-up code,
/// device trees), with the release and the build-id masked. Equal for commits that differ in
/// nothing that is built (objects that hold the size of the compressed kernel, which the release
/// changes, count by their sources), when their releases have one length; with another length the
/// text that follows moves, and the digests differ. The release is in the banners, in utsname and,
/// with modules, in each vermagic; configuration (IKCONFIG) and symbol table do not have
/// it. Source: two builds of one tree with two releases, compared byte by byte. Errors:
/// infrastructure when a file cannot be read. Blocking.
Result<std::string> kernel_content(const FinishedBuild& build, const std::string& release,
                                   const std::string& build_id);

/// SHA-256 over the files' names and bytes. For builds that are no kernels.
std::string files_content(const std::vector<ArtefactFile>& files);

}  // namespace bisectd::build
