#include "adapters/build/sweeper.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>

namespace bisectd::build {

namespace fs = std::filesystem;

Sweeper::~Sweeper() {
    if (!busy()) return;
    kill(-child_->pid, SIGKILL);
    waitpid(child_->pid, nullptr, 0);
}

Result<void> Sweeper::discard(const std::string& path) {
    std::error_code failed;
    if (!fs::exists(fs::symlink_status(path, failed))) return {};
    fs::create_directories(trash_, failed);
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::string name = fmt::format("{}/{}-{}-{}", trash_, getpid(), now, ++number_);
    fs::rename(path, name, failed);
    if (failed)
        return infrastructure(path,
                              fmt::format("cannot move it to {}: {}", trash_, failed.message()));
    return {};
}

bool Sweeper::busy() {
    if (child_ && waitpid(child_->pid, nullptr, WNOHANG) != 0) child_.reset();
    return child_.has_value();
}

void Sweeper::sweep() {
    std::error_code failed;
    if (busy() || !fs::exists(trash_, failed) || fs::is_empty(trash_, failed)) return;
    if (swept_ == number_) return;
    ProcessSpec spec;
    // Builds leave folders without the right to write behind, and then rm alone cannot. Nobody
    // reads what it says: a full pipe would stop it for ever.
    spec.arguments = {"sh", "-c",
                      "exec >/dev/null 2>&1; "
                      "find \"$0\" -mindepth 1 -type d ! -perm -u+wx -exec chmod u+rwx {} + ; "
                      "find \"$0\" -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +",
                      trash_};
    spec.low_priority = true;
    spec.keep_environment = false;
    spec.folder = trash_;
    auto started = process::spawn(spec, false);
    if (!started) return;  // the next sweep tries again
    child_ = std::move(*started);
    swept_ = number_;
}

}  // namespace bisectd::build
