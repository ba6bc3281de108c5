#pragma once
#include <chrono>

namespace bisectd::http {

/// So many a second, and a few seconds' worth at once: a bucket that drips full.
class RateLimit {
  public:
    using Time = std::chrono::steady_clock::time_point;

    RateLimit(double per_second, double at_once) : per_second_(per_second), at_once_(at_once) {
        left_ = at_once;
    }
    /// Takes one, if there is one.
    bool take(Time now);
    /// There is one, at this moment.
    bool has(Time now);

  private:
    void drip(Time now);

    double per_second_, at_once_;
    double left_;
    Time last_{};
};

}  // namespace bisectd::http
