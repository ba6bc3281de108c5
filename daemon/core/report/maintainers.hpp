#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/report/mailbox.hpp"

namespace bisectd {

/// Who looks after some files, as the tree's MAINTAINERS says.
struct Keepers {
    std::vector<Mailbox> people;  ///< maintainers first, then reviewers
    std::vector<Mailbox> lists;
    std::vector<std::string> sections;  ///< names of the sections that matched, hostile text
};

/// Reads MAINTAINERS (hostile text) as `scripts/get_maintainer.pl` would, without running it: a
/// tree may hold anything in a script. What is not read: K: (content), git history. Of the section
/// that matches every file only the lists count, as the script leaves its one person out.
/// `paths`: of the culprit; the first 100 count.
/// Source: the kernel's MAINTAINERS, "Descriptions of section entries".
Keepers keepers_of(std::string_view maintainers, const std::vector<std::string>& paths);

/// Whether a pattern of F: or X: means the path. "*" and "?" stop at "/", "**" does not; a
/// pattern that ends with "/", or that is a folder of the path, means all below it.
bool file_pattern_matches(std::string_view pattern, std::string_view path);

}  // namespace bisectd
