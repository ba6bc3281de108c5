#pragma once
#include <boost/asio/awaitable.hpp>

namespace bisectd {

/// The coroutine type of all ports. Runs on the one orchestration thread; cancelled through
/// Asio's cancellation slots. A task that is dropped before it is awaited does nothing.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace bisectd
