#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace bisectd {

/// A running SHA-256.
class Sha256 {
  public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();

    /// Adds bytes as they are.
    void add(std::string_view bytes);
    /// Adds a part whose borders count: ("ab", "c") and ("a", "bc") differ.
    void add_part(std::string_view name, std::string_view value);
    /// The digest of everything that was added, raw; once.
    std::string raw();
    /// The same in lower-case hexadecimal; once, and instead of `raw`.
    std::string hex();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace bisectd
