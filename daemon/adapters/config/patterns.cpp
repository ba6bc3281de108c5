#include "adapters/config/patterns.hpp"

#include <fmt/core.h>
#include <regex.h>

#include <memory>

#include "core/pattern.hpp"

namespace bisectd::config {
namespace {

struct FreeRegex {
    void operator()(regex_t* regex) const { regfree(regex); }
};

}  // namespace

std::string pattern_problem(const std::string& pattern) {
    if (pattern.empty()) return {};
    // First: the C library would take the machine's memory for "((a{999}){999}){999}".
    if (std::string fault = pattern_size_fault(pattern); !fault.empty()) return fault;
    regex_t storage{};
    int code = regcomp(&storage, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        char text[128];
        regerror(code, &storage, text, sizeof text);
        return fmt::format("is no extended regular expression: {}", text);
    }
    std::unique_ptr<regex_t, FreeRegex> regex(&storage);
    // A board's grep may know more than the daemon, which searches consoles itself.
    if (std::string fault = pattern_fault(pattern); !fault.empty()) return fault;
    if (regexec(regex.get(), "", 0, nullptr, 0) == 0)
        return "matches the empty text, and so everything";
    return {};
}

}  // namespace bisectd::config
