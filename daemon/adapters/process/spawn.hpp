#pragma once
#include <sys/types.h>

#include <string>
#include <utility>

#include "adapters/process/process.hpp"
#include "core/error.hpp"

namespace bisectd::process {

/// An open file descriptor; closed with the object.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~Descriptor() { close(); }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    void close();
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// A child that was started; its process id is also the id of its process group.
struct Child {
    pid_t pid = -1;
    std::string marker;  ///< value of BISECTD_PROCESS in its environment: finds what leaves
    Descriptor pidfd;    ///< readable when the child has ended
    Descriptor output;   ///< read end; standard output (and error, unless separate)
    Descriptor errors;   ///< read end; open only when separate
};

/// The file that `name` means, searched in `path` as a shell would; empty: there is none.
std::string find_program(const std::string& name, const std::string& path);

/// The environment variable that marks a child and all that it starts.
inline constexpr const char* marker_variable = "BISECTD_PROCESS";

/// Starts the child in a process group of its own, with none of our descriptors but those named.
/// `separate`: standard error gets a pipe of its own.
/// Errors: infrastructure; what names the program, the folder or the file that is at fault.
Result<Child> spawn(const ProcessSpec& spec, bool separate);

}  // namespace bisectd::process
