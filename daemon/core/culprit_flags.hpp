#pragma once
#include <optional>
#include <string>
#include <vector>

namespace bisectd {

/// What one commit changed.
struct CommitChange {
    std::vector<std::string> paths;  ///< sorted; of a renamed file both names; hostile text
    bool words_only = false;         ///< comments, blanks and documentation, as far as known
    bool merge = false;
};

/// What is known of a commit that is about to be called the culprit.
struct CulpritFacts {
    CommitChange change;
    /// Folders below arch/ that the configuration builds from; empty: not known.
    std::vector<std::string> architectures;
    /// Whether it touches a file that the bad end is built from; nothing: not known.
    std::optional<bool> built_from;
    /// Whether its binary differs from its parent's; nothing: not known.
    std::optional<bool> binary_changed;
    /// The reproducer said on its parents that the tested interface does not exist.
    bool not_applicable_before = false;
};

/// What makes the commit suspicious as a culprit, a plain sentence each; the strongest first.
std::vector<std::string> culprit_flags(const CulpritFacts& facts);

/// The folder below arch/ that a kernel's ARCH means: "x86" of "x86_64".
/// Source: the kernel's top Makefile (SRCARCH).
std::string source_architecture(const std::string& arch);

}  // namespace bisectd
