#pragma once
#include <map>
#include <string>

#include "ports/logs.hpp"
#include "tests/sim/world.hpp"

namespace bisectd::sim {

/// Logs in memory; they are kept over a daemon's death.
class FakeLogs : public Logs {
  public:
    explicit FakeLogs(World& world) : world_(world) {}
    Result<void> append(const std::string& file, std::string_view text) override;
    std::shared_ptr<LogText> open(const std::string& file) override;
    Task<Result<void>> close(std::string file) override;
    std::uint64_t bytes_in(const std::string& folder) override;
    Result<void> remove(const std::string& folder) override;

    struct Log {
        std::shared_ptr<std::string> text = std::make_shared<std::string>();
        bool closed = false;
    };
    const std::map<std::string, Log>& all() const { return logs_; }
    bool fails_to_close = false;

  private:
    World& world_;
    std::map<std::string, Log> logs_;
};

}  // namespace bisectd::sim
