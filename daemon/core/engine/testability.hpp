#pragma once
#include <cstdint>
#include <vector>

#include "core/engine/ancestry.hpp"
#include "core/engine/question.hpp"

namespace bisectd::engine {

/// How likely a commit cannot be tested (does not build or boot), from those that were tried.
/// Commits break in stretches: a break comes with one commit and goes with a descendant of it; what
/// has the one and lacks the other cannot be tested. Where they came and went is unknown, and so
/// is how long they last; several lengths are weighed by how well they explain all that was tried.
class Testability {
  public:
    Testability(const Ancestry& ancestry, const std::vector<Tried>& tried);

    /// 0 or 1 for what was tried itself.
    double untestable(CommitIndex commit) const;
    bool known_untestable(CommitIndex commit) const;
    /// Between two broken ones that are near each other, with no testable one between them: as good
    /// as known to be broken too, and not worth a try.
    bool enclosed(CommitIndex commit) const { return !enclosed_.empty() && enclosed_[commit]; }
    bool any_untestable() const { return any_untestable_; }

  private:
    using Commits = std::vector<std::uint64_t>;  ///< one bit a commit

    /// What a broken commit says of another that is no ancestor of it. Unit: commits
    struct Break {
        double came_later = 0;   ///< where its break may have come and the other has not
        double came_before = 0;  ///< likewise, and the other has
        double mended = 0;       ///< what the other has more: one of them may mend it
    };
    /// What all that was tried says of one commit. Unit of a distance: commits; below 0: none
    struct Signs {
        double unproven = 0;        ///< its history since the testable ones in it
        std::vector<Break> breaks;  ///< the most telling ones
        double to_broken_after = -1;
        double to_whole_after = -1;
    };
    /// One guess at how the untestable commits lie.
    struct Pattern {
        double share = 0;    ///< of untestable commits
        double stretch = 0;  ///< mean length. Unit: commits
        double weight = 0;
    };

    void learn();
    void find_enclosed();
    /// Whether two broken commits may be so by one break, the second a descendant of the first.
    bool may_be_one_break(std::size_t first, std::size_t last) const;
    std::vector<CommitIndex> descendants(CommitIndex of) const;
    /// Which of a commit's ancestors are no ancestors of a testable one among the first `among`
    /// tried that it contains: a break that it suffers from came with one of these.
    Commits unproven(CommitIndex commit, std::size_t among) const;
    /// The descendants of a tried commit that `commit` contains: one of them may be what mends it.
    double count_since(CommitIndex commit, std::size_t of) const;
    Signs signs(CommitIndex commit, std::size_t among) const;
    Signs signs_from_afar(CommitIndex commit, std::size_t among) const;
    static double untestable(const Signs& signs, const Pattern& pattern);

    const Ancestry* ancestry_;
    std::vector<Tried> tried_;   ///< one for each commit, by index
    std::vector<Commits> came_;  ///< of each: where a break of it may have come
    std::vector<Pattern> patterns_;
    std::vector<bool> enclosed_;
    bool any_untestable_ = false;
};

}  // namespace bisectd::engine
