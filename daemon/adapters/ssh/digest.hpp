#pragma once
#include <string>
#include <string_view>

#include "adapters/ssh/handle.hpp"

namespace bisectd::ssh {

/// A running SHA-256.
class Sha256 {
  public:
    Sha256();
    void add(std::string_view bytes);
    /// The digest of everything that was added, raw; once.
    std::string raw();
    /// The same in lower case hex; once, and instead of `raw`.
    std::string hex();

  private:
    DigestHandle context_;
};

}  // namespace bisectd::ssh
