#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace bisectd {

/// The files of a kernel's source tree that one build of one configuration read, and from them a
/// judgement of any other path of the history: could a build like this one have read it?
/// When in doubt it says yes. Paths are relative to the tree, as git writes them.
class BuildInputs {
  public:
    BuildInputs() = default;
    /// `listing`: the artefact file "sources", one path a line.
    static BuildInputs parse(std::string_view listing);

    /// Nothing is known of what was read.
    bool empty() const { return files_.empty(); }
    std::size_t size() const { return files_.size(); }

    /// Whether a build like this one may read `path`. True for every file that was listed, for
    /// scripts, for what steers the build (Makefiles, and every kind of file that no compiler
    /// names) in a folder that it entered or anywhere below its own architecture's, and for the
    /// configuration's words (Kconfig) but those of other architectures.
    bool reads(std::string_view path) const;

    /// The folders below arch/ that were built from: "arm64".
    std::vector<std::string> architectures() const;

  private:
    std::unordered_set<std::string> files_;
    std::unordered_set<std::string> folders_;  ///< those of `files_` that hold more than Kconfig
};

/// The folder of a path, "" for the top.
std::string_view folder_of(std::string_view path);
/// The name in the folder.
std::string_view name_of(std::string_view path);
/// "arm64" of "arch/arm64/mm/init.c"; empty for all other paths.
std::string_view architecture_of(std::string_view path);

/// Whether `path` is words for people: documentation, licences, lists of persons.
bool is_documentation(std::string_view path);

/// Whether the build of a folder may read this file of it although no compiler names it: a
/// Makefile, a table, a script, a key. False for program text and documentation.
bool steers_build(std::string_view path);

}  // namespace bisectd
