#pragma once
#include <map>
#include <memory>
#include <string>

#include "core/request.hpp"
#include "orchestration/board_on_lease.hpp"
#include "orchestration/gate.hpp"
#include "ports/catalogue.hpp"

namespace bisectd {

/// A board as the daemon keeps it: its drivers live as long as the daemon, its console is
/// captured all the time, and the gate hands out the lease.
struct Station {
    Station(BoardSpec board, std::unique_ptr<Power> switch_, std::unique_ptr<Console> tap,
            boost::asio::any_io_executor executor)
        : spec(std::move(board)),
          power(std::move(switch_)),
          console(std::move(tap)),
          gate(std::move(executor)) {}

    BoardSpec spec;
    std::unique_ptr<Power> power;
    std::unique_ptr<Console> console;
    Gate gate;
    BisectionId holder = 0;

    std::chrono::milliseconds home_by{0};

    BoardOnLease on_lease() { return BoardOnLease{spec, *power, *console, home_by}; }
};

/// All boards that were asked for so far.
class Stations {
  public:
    Stations(Catalogue& catalogue, BoardDrivers& drivers, boost::asio::any_io_executor executor)
        : catalogue_(catalogue), drivers_(drivers), executor_(std::move(executor)) {}

    /// Errors: request when the board's configuration is wrong.
    Result<Station*> get(const std::string& name);
    /// Takes over what was edited in the board's file. Requires: the lease.
    Result<void> refresh(Station& station);
    Station* find(const std::string& name);

  private:
    struct Drivers {
        std::unique_ptr<Power> power;
        std::unique_ptr<Console> console;
    };
    Result<Drivers> make_drivers(const BoardSpec& spec);

    Catalogue& catalogue_;
    BoardDrivers& drivers_;
    boost::asio::any_io_executor executor_;
    std::map<std::string, std::unique_ptr<Station>> stations_;
};

}  // namespace bisectd
