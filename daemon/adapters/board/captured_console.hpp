#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "adapters/board/console_log.hpp"
#include "adapters/board/console_source.hpp"
#include "ports/power.hpp"

namespace bisectd::board {

/// A console whose source is copied into a log file until the object is gone.
/// Thread: that of the executor, which must outlive the object.
class CapturedConsole final : public Console {
  public:
    CapturedConsole(boost::asio::any_io_executor executor, std::unique_ptr<ConsoleSource> source,
                    std::string file);
    ~CapturedConsole() override;
    CapturedConsole(const CapturedConsole&) = delete;
    CapturedConsole& operator=(const CapturedConsole&) = delete;

    bool available() const override { return true; }
    Result<void> start() override;
    std::uint64_t mark() const override;
    std::string since(std::uint64_t mark, std::size_t limit) const override;
    std::string file() const override { return file_; }

  private:
    struct Capture;
    boost::asio::any_io_executor executor_;
    std::string file_;
    std::unique_ptr<ConsoleSource> source_;  ///< until it is started
    std::shared_ptr<Capture> capture_;       ///< shared with the coroutine, which ends later
};

/// A board without a console.
class NoConsole final : public Console {
  public:
    bool available() const override { return false; }
    Result<void> start() override { return {}; }
    std::uint64_t mark() const override { return 0; }
    std::string since(std::uint64_t, std::size_t) const override { return {}; }
    std::string file() const override { return {}; }
};

}  // namespace bisectd::board
