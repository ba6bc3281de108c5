#pragma once
#include <optional>
#include <string>

#include "adapters/process/spawn.hpp"
#include "core/error.hpp"

namespace bisectd::build {

/// Gets old trees out of the way at once (a rename), and removes them beside the work: removing
/// a kernel tree takes longer than checking one out. Dropped, it ends its child.
class Sweeper {
  public:
    explicit Sweeper(std::string trash) : trash_(std::move(trash)) {}
    Sweeper(const Sweeper&) = delete;
    Sweeper& operator=(const Sweeper&) = delete;
    ~Sweeper();

    /// Moves `path`, if it exists, into the trash. Errors: infrastructure.
    Result<void> discard(const std::string& path);
    /// Starts to remove what is in the trash, unless that is under way or there is nothing new.
    void sweep();
    /// True while the child works.
    bool busy();

  private:
    std::string trash_;
    std::optional<process::Child> child_;
    unsigned number_ = 0;  ///< of what was discarded
    /// The number when it was swept last: what is still there of it cannot be removed.
    std::optional<unsigned> swept_;
};

}  // namespace bisectd::build
