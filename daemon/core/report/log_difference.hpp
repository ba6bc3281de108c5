#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bisectd {

/// Two logs of the same doing, around the place where they part.
struct LogDifference {
    std::vector<std::string> good, bad;  ///< printable lines; empty: nothing differs
    std::size_t in_common = 0;           ///< lines before that place that both have
};

/// Cuts both logs (hostile text) to the lines around the first line of the bad log that the good
/// one has nowhere: `before` lines in front, `after` from there on; of the good log likewise,
/// around the place that corresponds. Times, addresses and other numbers do not count in the
/// comparison. Only the last MiB of each is looked at.
LogDifference difference_of(std::string_view good, std::string_view bad, std::size_t before,
                            std::size_t after);

}  // namespace bisectd
