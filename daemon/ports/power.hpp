#pragma once
#include <memory>

#include "core/board.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// The power switch of a board. That it worked is proven by the boot id, never trusted.
class Power {
  public:
    virtual ~Power() = default;
    virtual bool available() const = 0;   ///< false: this board has no switch
    virtual Task<Result<void>> on() = 0;  ///< harmless when it is on
    virtual Task<Result<void>> cycle() = 0;
    /// False: it can only be cycled, as by a reset button or one command of a BMC.
    virtual bool can_stay_off() const = 0;
    /// Off until `on` or `cycle`; harmless when it is off. Requires: `can_stay_off`.
    virtual Task<Result<void>> off() = 0;
};

/// The serial console of a board, captured all the time, with time stamps, into a file.
class Console {
  public:
    virtual ~Console() = default;
    virtual bool available() const = 0;
    /// Starts the capture; goes on until the object is gone, over any number of reboots.
    virtual Result<void> start() = 0;
    /// A place in the capture, for `since`.
    virtual std::uint64_t mark() const = 0;
    /// What was captured since `mark`, at most the last `limit` bytes; hostile text.
    virtual std::string since(std::uint64_t mark, std::size_t limit) const = 0;
    virtual std::string file() const = 0;
};

class BoardDrivers {
  public:
    virtual ~BoardDrivers() = default;
    virtual Result<std::unique_ptr<Power>> power(const BoardSpec& board) = 0;
    virtual Result<std::unique_ptr<Console>> console(const BoardSpec& board) = 0;
};

}  // namespace bisectd
