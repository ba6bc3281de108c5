#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace bisectd::git {

/// Reads the output of `git diff-tree --stdin -r --raw -z --no-renames`, in any pieces. A commit
/// that changes nothing is not in it.
class RawChanges {
  public:
    struct Sink {
        /// The changes that follow are those of this commit, by its full id.
        std::function<void(std::string_view id)> commit;
        /// `status`: git's letter, A, D, M or T.
        std::function<void(std::string_view path, char status)> change;
    };
    explicit RawChanges(Sink sink) : sink_(std::move(sink)) {}

    void feed(std::string_view piece);
    /// Whether all that was fed was such output, to its end.
    bool whole() const { return sound_ && word_.empty() && status_ == 0; }

  private:
    void take(std::string_view word);
    Sink sink_;
    std::string word_;  ///< the beginning of one that is not complete yet
    char status_ = 0;   ///< of the path that must come next; 0: none
    bool sound_ = true;
};

}  // namespace bisectd::git
