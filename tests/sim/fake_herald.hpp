#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ports/herald.hpp"
#include "tests/sim/virtual_clock.hpp"

namespace bisectd::sim {

/// Notes what people are told; is kept over a daemon's death.
class FakeHerald : public Herald {
  public:
    explicit FakeHerald(std::vector<std::string> ways) : ways_(std::move(ways)) {}

    std::vector<std::string> ways(NoticeKind) const override { return ways_; }
    std::chrono::milliseconds limit() const override { return std::chrono::seconds(30); }
    Task<Result<void>> tell(std::string way, Notice notice) override {
        told.emplace_back(way, notice);
        if (clock != nullptr) co_await clock->sleep_for(takes);
        if (throws) throw std::runtime_error("the herald fell over");
        if (refuses) co_return infrastructure("the " + way, "nobody listens");
        co_return Result<void>();
    }

    std::vector<std::pair<std::string, Notice>> told;
    Clock* clock = nullptr;  ///< null: telling takes no time
    std::chrono::milliseconds takes{0};
    bool refuses = false, throws = false;

  private:
    std::vector<std::string> ways_;
};

}  // namespace bisectd::sim
