#pragma once
#include <map>
#include <string>

#include "adapters/build/sandbox.hpp"
#include "core/error.hpp"
#include "core/recipe.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// The programs that a build uses, as its BuildSpec names them.
struct Toolchain {
    std::string compiler;       ///< "aarch64-linux-gnu-gcc", "clang"
    std::string host_compiler;  ///< for the tools of the build itself
    std::string linker;
    /// GCC's own nm, where it works; else empty, and the kernel's Makefile chooses. The kernel asks
    /// it once an object, and plain nm loads every plugin of the machine each time, LLVM's among
    /// them. Measured with `make NM=...` on two processors, all objects of the demonstration's
    /// kernel from the compiler cache: 29 s instead of 48 s, the same Image.
    std::string nm;
    std::string version;      ///< first line of what the compiler says of itself
    std::string description;  ///< the same of all
    std::string digest;       ///< over path, target and whole version texts
};

/// Asks compilers and linkers who they are; remembers the answer while their files stay the same.
/// They are named by recipes, so they are asked in the sandbox.
class Toolchains {
  public:
    explicit Toolchains(Sandbox& sandbox) : sandbox_(sandbox) {}
    /// Errors: infrastructure when a kernel's compiler or linker is not there, cannot be seen in
    /// the sandbox, or does not answer (a command brings its own tools, so there only those that
    /// exist count); cancelled.
    Task<Result<Toolchain>> of(BuildSpec spec);

  private:
    Task<Result<std::string>> nm_of(BuildSpec spec);
    Task<Result<std::string>> describe(std::string program, std::string path);
    Sandbox& sandbox_;
    std::map<std::string, std::string> known_;  ///< by path, size and time of the file
};

}  // namespace bisectd::build
