#pragma once
#include <string>

#include "adapters/board/console_source.hpp"

namespace bisectd::board {

/// Reads what a long-running command prints, such as a serial-over-LAN client; starts it again
/// for ever. Its standard input is empty: a client that ends then wants
/// `tail -f /dev/null | client`.
class CommandSource final : public ConsoleSource {
  public:
    explicit CommandSource(std::string command) : command_(std::move(command)) {}
    Result<void> begin(ConsoleLog&) override { return {}; }
    Task<void> run(ConsoleLog& log) override;

  private:
    std::string command_;
};

}  // namespace bisectd::board
