#include "core/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace bisectd {

std::string describe(const Error& error) {
    return error.where.empty() ? error.what : error.where + ": " + error.what;
}

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "bisectd: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace bisectd
