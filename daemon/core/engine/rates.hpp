#pragma once
#include <cstdint>
#include <vector>

namespace bisectd::engine {

/// What one attempt showed, without the commit: `runs` runs, `hits` of them showed the symptom.
struct Count {
    std::uint64_t runs = 0;
    std::uint64_t hits = 0;
};

/// The grid over the two unknown rates of a column: how often a run on a bad commit shows the
/// symptom, and how often one on a good commit does (a false alarm). Immutable; shared.
class Rates {
  public:
    /// `never_by_chance`: a good commit shows it with 1e-9 only.
    static const Rates& of(bool never_by_chance);

    std::size_t size() const { return bad_.size(); }
    double bad(std::size_t rate) const { return bad_[rate]; }
    double good(std::size_t rate) const { return good_[rate]; }
    double prior(std::size_t rate) const { return prior_[rate]; }
    const std::vector<double>& log_prior() const { return log_prior_; }
    /// Which of the `alarms` false-alarm rates it is.
    std::size_t alarm(std::size_t rate) const { return alarm_[rate]; }
    std::size_t alarms() const { return alarm_prior_.size(); }
    double alarm_prior(std::size_t alarm) const { return alarm_prior_[alarm]; }

    /// Lengths that an order may have. Unit: runs; rising.
    const std::vector<std::uint64_t>& lengths() const { return lengths_; }
    /// Chances that as many runs as `lengths()[...]` stay clean, one row a rate.
    const double* clean_bad(std::size_t rate) const { return &clean_bad_[rate * lengths_.size()]; }
    const double* clean_good(std::size_t rate) const {
        return &clean_good_[rate * lengths_.size()];
    }
    /// Likewise the runs expected until the first hit or the order's end.
    const double* runs_bad(std::size_t rate) const { return &runs_bad_[rate * lengths_.size()]; }
    const double* runs_good(std::size_t rate) const { return &runs_good_[rate * lengths_.size()]; }

    /// Log of the chance of one attempt on a bad (good) commit, for each rate. A boot is broken as
    /// a whole with `broken_boot`: half of these always show it, half never.
    std::vector<double> log_bad(Count count, double broken_boot) const;
    std::vector<double> log_good(Count count, double broken_boot) const;

  private:
    explicit Rates(bool never_by_chance);
    void add(double bad, double good, double prior, std::size_t alarm);

    /// Of a rate and of its opposite; never computed again.
    struct Logs {
        std::vector<double> hit, clean;
        void add(double rate);
    };
    static void log_chance(const Logs& logs, Count count, double broken_boot,
                           std::vector<double>& result);

    std::vector<double> bad_, good_, prior_, log_prior_;
    Logs log_bad_;
    Logs log_alarm_;  ///< of each false-alarm rate: many rates share one
    std::vector<std::size_t> alarm_;
    std::vector<double> alarm_prior_;
    std::vector<std::uint64_t> lengths_;
    std::vector<double> clean_bad_, clean_good_, runs_bad_, runs_good_;
};

/// The larger length that covers `runs`, or the last one.
std::size_t length_of(const Rates& rates, std::uint64_t runs);

}  // namespace bisectd::engine
