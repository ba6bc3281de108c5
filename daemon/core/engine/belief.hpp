#pragma once
#include <cstdint>
#include <vector>

#include "core/engine/ancestry.hpp"
#include "core/engine/question.hpp"
#include "core/engine/rates.hpp"

namespace bisectd::engine {

/// All attempts at one spot, as evidence.
struct Tested {
    Spot at;
    std::vector<Count> counts;     ///< sorted
    std::vector<double> log_bad;   ///< of all of them, were the spot bad, for each rate
    std::vector<double> log_good;  ///< likewise good
    std::vector<double> sound_bad, sound_good;  ///< likewise, had no boot been broken
    std::uint64_t runs = 0, hits = 0;
};

/// Suspects that no test told apart: they share one likelihood.
struct SuspectClass {
    std::vector<bool> bad_at;  ///< of each tested spot: whether it is bad under this class
    double prior = 0;
    double mass = 0;          ///< the posterior
    double sound_mass = 0;    ///< the posterior, had no boot been broken
    double tilted_prior = 0;  ///< with hints favoured: for the choice only
    double tilted_mass = 0;
    CommitIndex members = 0;  ///< commits that can be the culprit
    /// Log of prior and likelihood together, for each rate; empty without a prior.
    std::vector<double> log_joint;
    std::vector<double> rate;         ///< posterior of the rates, given this class
    std::vector<double> alarm_share;  ///< of each false-alarm rate, in that posterior
    /// For each length of an order, on a fresh boot: the chance of no hit on a bad and on a good
    /// commit, the entropy of that chance, the runs expected. Empty for classes without mass.
    std::vector<double> clean_bad, clean_good, entropy_bad, entropy_good, runs_bad, runs_good;
};

/// The posterior of one column: classes of suspects times rates. Always normalised.
class Belief {
  public:
    /// The first two classes are the doubts about the range.
    static constexpr std::size_t older = 0, not_here = 1, first_real = 2;
    static constexpr std::uint32_t no_class = 0xffffffffU;
    /// Masses below this play no part in a choice.
    static constexpr double negligible = 1e-7;

    Belief(const Ancestry& ancestry, const Question& question, std::size_t column);

    const Column& column() const { return *column_; }
    const Rates& rates() const { return *rates_; }
    const std::vector<Tested>& tested() const { return tested_; }
    const Tested* tested_at(Spot spot) const;
    const std::vector<SuspectClass>& classes() const { return classes_; }
    /// Class of a commit; `no_class` when it cannot be the culprit.
    std::uint32_t class_of(CommitIndex commit) const { return class_of_[commit]; }
    CommitIndex commits() const { return static_cast<CommitIndex>(class_of_.size()); }
    /// How likely the commit is the culprit when its class has it.
    double share(CommitIndex commit) const;
    double tilted_share(CommitIndex commit) const;
    /// Of each commit, to be the culprit; `tilted`: as the choice sees it.
    std::vector<double> culprit_masses(bool tilted) const;
    /// Mass of a class under the most doubtful of several priors of the false alarms: a part of
    /// the prior is moved to each rate in turn. What is claimed must hold for whoever has false
    /// alarms, not only in the mean over all who have none. `kind`: of which of the posteriors.
    double robust_mass(std::size_t of_class, double SuspectClass::* kind) const;
    /// Whether the heaviest commits explain all showings without a broken boot. Then all that
    /// their proof leaves to doubt is whether there were enough runs: were one of the boots that
    /// they rest on broken, the culprit would not show it again or one of its parents would.
    bool sound() const { return sound_; }
    /// From now on a choice sees the posterior as it is: no hint favoured, boots may be broken.
    void choose_as_it_is();
    /// For each rate: the chance that the boot which showed `open` on a bad (good) commit is
    /// broken.
    std::vector<double> broken_given(bool bad, Count open) const;
    /// For each length of an order: the chance that the boot which showed `open` stays clean for
    /// so long, on a bad or a good commit, given the class. `broken`: of `broken_given`.
    std::vector<double> clean_after(std::size_t of_class, bool bad, Count open,
                                    const std::vector<double>& broken) const;
    /// Posterior of each rate, whatever the class.
    const std::vector<double>& rate_masses() const { return rate_masses_; }

  private:
    void gather(const Ancestry& ancestry, const Question& question);
    Tested& at(Spot spot);
    void split(const Ancestry& ancestry, const Question& question);
    void part_by_tests(const Ancestry& ancestry);
    void share_out(const Question& question);
    void weigh();
    void weigh_as_sound();
    void look_ahead_where_needed();
    void share_mass(const std::vector<double>& log_evidence, double SuspectClass::* prior,
                    double SuspectClass::* mass);
    void look_ahead(SuspectClass& of) const;

    const Column* column_;
    const Rates* rates_;
    double broken_boot_;
    std::vector<Tested> tested_;
    std::vector<SuspectClass> classes_;
    std::vector<std::uint32_t> class_of_;
    std::vector<double> weight_;  ///< of each commit; empty: all 1
    std::vector<CommitIndex> hints_;
    double hint_weight_ = 0;  ///< what a hint weighs where it is favoured
    std::vector<double> class_weight_, class_tilted_weight_;
    std::vector<double> rate_masses_;
    bool sound_ = false;
    /// Log of the chance of all showings, for each class; `sound`: had no boot been broken.
    std::vector<double> log_evidence_, log_sound_evidence_;
};

/// Entropy of a chance. Unit: bits
double entropy(double chance);

/// One attempt, as the column counts it.
Count counted_runs(const Column& column, const Showing& showing);

}  // namespace bisectd::engine
