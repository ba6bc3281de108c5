#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "ctl/client.hpp"
#include "ctl/sse.hpp"

namespace bisectd::ctl {

/// The daemon's event stream over one connection.
class EventStream {
  public:
    /// `target`: such as "/api/v1/events?bisection=3". `last_id`: the last event that was seen on
    /// an earlier connection; empty: none.
    /// Errors: infrastructure when the daemon cannot be reached, request when it refuses.
    static Result<EventStream> open(const std::string& socket_path, const std::string& target,
                                    const std::string& last_id);

    /// The next event, waiting at most `limit`; nothing when none came.
    /// Errors: infrastructure when the connection is lost, or silent for longer than a
    /// heartbeat could be late; cancelled on Ctrl-C.
    Result<std::optional<ServerEvent>> next(std::chrono::milliseconds limit);

  private:
    explicit EventStream(Wire wire) : wire_(std::move(wire)) {}
    Result<void> read_head();

    Wire wire_;
    SseParser parser_;
    std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
};

}  // namespace bisectd::ctl
