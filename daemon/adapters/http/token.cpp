#include "adapters/http/token.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bisectd {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t shortest_token = 32;
constexpr std::size_t longest_token = 512;

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

auto system_error(const std::string& path, std::string_view doing, int code) {
    return infrastructure(path, fmt::format("{}: {}", doing, std::strerror(code)));
}

Result<std::string> make_token(const std::string& path) {
    unsigned char bytes[secret_bytes];
    if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
        return system_error(path, "no random bytes for a token", errno);
    std::string token;
    for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
    // Whole or not at all: a kill in between must not leave half a token behind.
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const Descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) return system_error(path, "cannot make the token file", errno);
    const std::string line = token + "\n";
    if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.get()) != 0 || ::rename(draft.c_str(), path.c_str()) != 0)
        return system_error(path, "cannot write the token file", errno);
    return token;
}

}  // namespace

Result<std::string> load_or_make_token(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0 && errno == ENOENT) return make_token(path);
    if (file.get() < 0) return system_error(path, "cannot open the token file", errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return system_error(path, "cannot look at the token file", errno);
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
        return wrong_request(path,
                             "the token file must be a regular file of the daemon's user with "
                             "mode 0600; correct that, or remove it to get a new one");
    char text[longest_token];
    const ssize_t got = ::read(file.get(), text, sizeof text);
    if (got < 0) return system_error(path, "cannot read the token file", errno);
    std::string token(text, static_cast<std::size_t>(got));
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    if (token.size() < shortest_token)
        return wrong_request(path, fmt::format("the token must have at least {} characters; "
                                               "remove the file to get a new one",
                                               shortest_token));
    return token;
}

}  // namespace bisectd
