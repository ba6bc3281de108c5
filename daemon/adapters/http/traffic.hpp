#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace bisectd::http {

/// What was asked of the server, for /metrics. Thread: the orchestration thread.
class Traffic {
  public:
    /// Upper bounds of the histogram. Unit: seconds.
    static constexpr std::array<double, 8> bounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};

    /// Counts an open event stream while it lives.
    class Stream {
      public:
        explicit Stream(Traffic& traffic) : traffic_(traffic) { ++traffic_.streams_; }
        ~Stream() { --traffic_.streams_; }
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;

      private:
        Traffic& traffic_;
    };

    void answered(unsigned status, std::chrono::steady_clock::duration took);
    /// In Prometheus' text format.
    std::string text() const;

  private:
    std::array<std::uint64_t, 6> by_class_{};  ///< 1xx at 1
    std::array<std::uint64_t, bounds.size() + 1> by_time_{};
    double seconds_ = 0;
    std::uint64_t streams_ = 0;
};

}  // namespace bisectd::http
