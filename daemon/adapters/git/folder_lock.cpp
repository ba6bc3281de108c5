#include "adapters/git/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "adapters/git/handle.hpp"

namespace bisectd::git {

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Task<Result<FolderLock>> FolderLock::take(std::string file, std::chrono::milliseconds limit) {
    const std::string where = "lock " + shown(file);
    FolderLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.descriptor_ < 0)
        co_return infrastructure(where, fmt::format("cannot be made: {}", std::strerror(errno)));
    const auto deadline = std::chrono::steady_clock::now() + limit;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) co_return std::move(lock);
        if (errno != EWOULDBLOCK && errno != EINTR)
            co_return infrastructure(where, fmt::format("{}", std::strerror(errno)));
        if (std::chrono::steady_clock::now() >= deadline)
            co_return infrastructure(where,
                                     "another git program has been changing this mirror for "
                                     "too long; see which process holds the file");
        // flock has no way to be awaited; the wait is rare and short.
        timer.expires_after(std::chrono::milliseconds(50));
        const auto [failed] =
            co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (failed) co_return cancelled(where, "cancelled while it was waited for");
    }
}

}  // namespace bisectd::git
