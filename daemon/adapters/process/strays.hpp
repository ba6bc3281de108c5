#pragma once
#include <sys/types.h>

#include <set>
#include <string>

namespace bisectd::process {

/// Makes this process the parent of every orphan below it, so that a grandchild which left its
/// process group can be found and reaped. Once a process; repeatable.
void adopt_orphans();

/// What is left of a child after its end: members of its group, and processes that left the
/// group (setsid) but carry its marker, and everything below those.
class Strays {
  public:
    Strays(pid_t group, std::string marker) : group_(group), marker_(std::move(marker)) {}

    /// Sends `signal` to every stray that lives and collects every one that has ended.
    /// Returns how many were still there. The main child itself is never collected.
    /// Cost: one look through /proc (about 20 us a process).
    std::size_t sweep(int signal);

  private:
    bool marked(pid_t pid) const;
    pid_t group_;
    std::string marker_;
    std::set<pid_t> known_;  ///< seen with the marker: a zombie has no environment any more
};

}  // namespace bisectd::process
