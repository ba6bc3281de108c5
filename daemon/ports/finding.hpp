#pragma once
#include <string>

namespace bisectd {

/// One thing that `doctor` looked at.
struct Finding {
    std::string subject;  ///< "clone", "tool chain", "board vb1: ssh", ...
    bool good = false;
    std::string what;  ///< what was seen; when not good: and what to do
};

}  // namespace bisectd
