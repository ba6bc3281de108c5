#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "adapters/http/event_tail.hpp"
#include "adapters/http/http_server.hpp"
#include "adapters/http/rate_limit.hpp"
#include "adapters/http/site.hpp"
#include "adapters/http/traffic.hpp"
#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd::http {

using Socket = boost::asio::generic::stream_protocol::socket;

/// What all connections share; outlives them.
struct Serving {
    Control& control;
    HttpOptions options;
    EventTail tail;
    Traffic traffic;
    Site site;
    /// Of parts of the journal, by all who catch up. Unit: parts of 200 events, some 3 ms each.
    RateLimit catching_up{100, 20};

    Serving(Control& control_in, HttpOptions options_in)
        : control(control_in),
          options(std::move(options_in)),
          tail(control),
          site(control, tail, traffic, options) {}
};

/// Reads requests and writes their answers until the client leaves, is too slow, or sends
/// what is no HTTP. Ends soon after its cancellation slot was told so.
Task<void> serve_connection(Socket socket, bool over_unix, std::shared_ptr<Serving> serving);

}  // namespace bisectd::http
