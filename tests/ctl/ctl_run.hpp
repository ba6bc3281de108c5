#pragma once
#include <sstream>
#include <string>
#include <vector>

#include "ctl/cli.hpp"

namespace bisectd::tests {

/// What one call of bisectctl printed, piped.
struct CtlRun {
    int code = -1;
    std::string out, err;
};

inline CtlRun bisectctl(std::vector<std::string> arguments, bool live = false) {
    std::vector<const char*> argv{"bisectctl"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    std::ostringstream out, err;
    const ctl::Terminal terminal{out, err, live, live, 80};
    const int code = ctl::bisectctl(static_cast<int>(argv.size()), argv.data(), terminal);
    return CtlRun{code, out.str(), err.str()};
}

}  // namespace bisectd::tests
