#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/confinement.hpp"

namespace bisectd::build {

/// Where the kernel tells of control groups. Another place only in tests.
struct ControlGroups {
    std::string mount = "/sys/fs/cgroup";
    std::string own = "/proc/self/cgroup";  ///< file that names ours
};

/// How much memory and processor time a build's processes may take.
/// With a control group (version 2) of our own, delegated by the service manager, all of them
/// together; otherwise each process by itself, and the kernel is told to kill them first when
/// memory is short.
class Limits {
  public:
    explicit Limits(const ConfinementSpec& spec, ControlGroups groups = {});

    /// Makes the control group for builds and moves everything of ours into another one beside it:
    /// a group that hands controllers on may hold no process. Does nothing where we have none.
    void take_control_group();

    /// The command as it is to be started.
    std::vector<std::string> applied_to(std::vector<std::string> command) const;
    /// What is limited, as a part of a sentence; empty: nothing.
    std::string sentence() const;
    /// Where the limits hold, for doctor.
    std::string place() const;
    /// How many of a build's processes the kernel has killed for their memory until now.
    /// Always 0 without a control group: nobody counts there.
    std::uint64_t kills() const;
    /// Builds may run on so many; 0: no limit.
    unsigned processors() const { return spec_.processors; }
    /// What to say when a build ran out of memory.
    std::string memory_advice() const;

  private:
    std::uint64_t memory_bytes() const;
    std::string limit_group() const;
    ConfinementSpec spec_;
    ControlGroups groups_;
    std::string group_;                            ///< of builds; empty: none
    std::string no_group_ = "none was asked for";  ///< why there is none
};

}  // namespace bisectd::build
