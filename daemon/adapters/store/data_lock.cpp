#include "adapters/store/data_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bisectd::store {
namespace {

/// What the holder wrote into the lock file, if it looks like a number.
std::string holder(int file) {
    char text[16] = {};
    ssize_t got = ::pread(file, text, sizeof text, 0);
    std::string pid;
    for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) pid += text[i];
    return pid.empty() ? "unknown" : pid;
}

}  // namespace

Result<DataLock> DataLock::take(const std::string& path) {
    int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return infrastructure(path, fmt::format("cannot be opened: {}; check that bisectd may "
                                                "write to the data folder",
                                                std::strerror(errno)));
    DataLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return wrong_request(path, fmt::format("another bisectd (pid {}) uses this data "
                                                   "folder: stop it, or give this one a "
                                                   "data_folder of its own",
                                                   holder(file)));
        return infrastructure(path, fmt::format("flock: {}", std::strerror(errno)));
    }
    std::string pid = fmt::format("{}\n", ::getpid());
    // The pid only makes the message above better; a full disk must not stop a start here.
    if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, pid.data(), pid.size(), 0);
    return lock;
}

DataLock::~DataLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace bisectd::store
