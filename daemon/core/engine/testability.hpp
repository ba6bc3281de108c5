#pragma once
#include <cstdint>
#include <vector>

#include "core/engine/ancestry.hpp"
#include "core/engine/question.hpp"

namespace bisectd::engine {

/// How likely a commit cannot be tested (does not build or boot), from those that were tried.
/// Untestable commits come in stretches: a chain of two states along the history, its share and
/// the length of its stretches unknown, weighed by how well they explain all that was tried.
class Testability {
  public:
    Testability(const Ancestry& ancestry, const std::vector<Tried>& tried);

    /// 0 or 1 for what was tried itself.
    double untestable(CommitIndex commit) const;
    bool known_untestable(CommitIndex commit) const;
    bool any_untestable() const { return any_untestable_; }

  private:
    /// The nearest tried commits on either side. Unit of a distance: commits
    struct Neighbours {
        double before = 0, after = 0;  ///< distances; after < 0: none
        bool broken_before = false, broken_after = false;
    };
    /// One guess at how the untestable commits lie.
    struct Pattern {
        double share = 0;    ///< of untestable commits
        double stretch = 0;  ///< mean length. Unit: commits
        double weight = 0;
    };

    Neighbours neighbours(CommitIndex commit, std::size_t among) const;
    static double untestable(const Neighbours& near, const Pattern& pattern);

    const Ancestry* ancestry_;
    std::vector<Tried> tried_;  ///< one for each commit, by index
    std::vector<Pattern> patterns_;
    bool any_untestable_ = false;
};

}  // namespace bisectd::engine
