#pragma once
#include "adapters/board/console_source.hpp"
#include "adapters/board/endpoint.hpp"

namespace bisectd::board {

/// Reads a serial server (raw TCP, such as ser2net) or a unix socket; connects again for ever.
class StreamSource final : public ConsoleSource {
  public:
    explicit StreamSource(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
    Result<void> begin(ConsoleLog&) override { return {}; }
    Task<void> run(ConsoleLog& log) override;

  private:
    Endpoint endpoint_;
};

}  // namespace bisectd::board
