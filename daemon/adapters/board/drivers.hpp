#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "ports/power.hpp"

namespace bisectd {

/// Power switches and consoles as the board's configuration names them.
/// A console is captured into DATA/boards/NAME/console.log.
/// Thread: that of the executor, which must outlive everything that is made here.
class ConfiguredDrivers final : public BoardDrivers {
  public:
    ConfiguredDrivers(boost::asio::any_io_executor executor, std::string data_folder);

    /// Errors: request when the board's [power] cannot work as it is written.
    Result<std::unique_ptr<Power>> power(const BoardSpec& board) override;
    /// Errors: request when the board's [console] cannot work as it is written.
    Result<std::unique_ptr<Console>> console(const BoardSpec& board) override;

  private:
    boost::asio::any_io_executor executor_;
    std::string data_folder_;
};

}  // namespace bisectd
