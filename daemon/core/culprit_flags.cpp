#include "core/culprit_flags.hpp"

#include <algorithm>

#include "core/build_inputs.hpp"

namespace bisectd {
namespace {

/// Everything below arch/ of others; documentation beside it does not count.
bool other_architectures_only(const CulpritFacts& facts) {
    bool foreign = false;
    for (const std::string& path : facts.change.paths) {
        if (is_documentation(path)) continue;
        const auto name = architecture_of(path);
        if (name.empty() ||
            std::ranges::find(facts.architectures, name) != facts.architectures.end())
            return false;
        foreign = true;
    }
    return foreign && !facts.architectures.empty();
}

}  // namespace

std::vector<std::string> culprit_flags(const CulpritFacts& facts) {
    std::vector<std::string> flags;
    const CommitChange& change = facts.change;
    if (facts.binary_changed == false)
        flags.emplace_back("the binary is the same as its parent's, but for its name");
    if (change.paths.empty()) {
        flags.emplace_back(change.merge ? "it is a merge that changes nothing of its own"
                                        : "it changes no file");
        return flags;
    }
    if (std::ranges::all_of(change.paths, is_documentation))
        flags.emplace_back("it changes documentation only");
    else if (change.words_only)
        flags.emplace_back("it changes comments and documentation only");
    else if (other_architectures_only(facts))
        flags.emplace_back("it changes files of other architectures only");
    else if (facts.built_from == false)
        flags.emplace_back("it touches no file that the bad end is built from");
    if (facts.not_applicable_before)
        flags.emplace_back(
            "it adds the tested interface: before it the reproducer does not apply, so the bug "
            "may be as old as the interface");
    return flags;
}

std::string source_architecture(const std::string& arch) {
    if (arch == "i386" || arch == "x86_64") return "x86";
    if (arch == "sparc32" || arch == "sparc64") return "sparc";
    if (arch == "parisc64") return "parisc";
    return arch;
}

}  // namespace bisectd
