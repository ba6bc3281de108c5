#include "adapters/http/rate_limit.hpp"

#include <algorithm>

namespace bisectd::http {

void RateLimit::drip(Time now) {
    const double passed = std::chrono::duration<double>(now - last_).count();
    if (last_ != Time{} && passed > 0) left_ = std::min(at_once_, left_ + passed * per_second_);
    last_ = now;
}

bool RateLimit::has(Time now) {
    drip(now);
    return left_ >= 1;
}

bool RateLimit::take(Time now) {
    if (!has(now)) return false;
    left_ -= 1;
    return true;
}

}  // namespace bisectd::http
