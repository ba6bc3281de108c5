#include "core/survey.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <optional>

#include "core/suspects.hpp"

namespace bisectd {
namespace {

// Finer is not seen on a screen.
constexpr std::size_t most_bins = 240;
// A neighbourhood that is read at a glance.
constexpr std::size_t most_around = 22;
constexpr std::size_t most_likely = 12;
// A long hunt's picture keeps to this many rows: the first ones and the last.
constexpr std::size_t most_rows = 400;

void add(Evidence& evidence, CommitIndex commit, Verdict verdict) {
    if (verdict == Verdict::good) evidence.good.push_back(commit);
    if (verdict == Verdict::bad) evidence.bad.push_back(commit);
    if (verdict == Verdict::skip) evidence.skip.push_back(commit);
}

class Surveying {
  public:
    Surveying(const BisectionState& state, const History& history,
              const std::vector<double>& probability)
        : state_(state), history_(history), probability_(probability) {
        bins_ = std::min<std::size_t>(most_bins, history.size());
    }

    Survey draw() {
        Survey survey;
        survey.commits = history_.size();
        if (history_.size() == 0) return survey;
        left_ = suspects(history_, {});
        Evidence evidence;
        for (const StepState& step : state_.steps) {
            if (survey.steps.size() < most_rows) survey.steps.push_back(row_of(step));
            take(evidence, step);
        }
        for (const auto& [place, judged] : state_.judged)
            if (const auto index = history_.find(judged.commit); index && !judged.withdrawn)
                add(evidence, *index, judged.verdict);
        narrow(evidence);
        survey.steps.push_back({0, 1, shares()});
        survey.suspects = static_cast<std::uint64_t>(std::ranges::count(left_, true));
        survey.probability = binned_probability();
        for (const CommitIndex commit : likeliest()) survey.likely.push_back(seen(commit));
        survey.around = around();
        return survey;
    }

  private:
    std::size_t bin_of(CommitIndex commit) const {
        return static_cast<std::size_t>(commit) * bins_ / history_.size();
    }

    SurveyStep row_of(const StepState& step) const {
        const auto index = history_.find(step.commit);
        const double place =
            index ? (static_cast<double>(*index) + 0.5) / static_cast<double>(history_.size()) : 0;
        return {step.number, place, shares()};
    }

    void take(Evidence& evidence, const StepState& step) {
        const auto index = history_.find(step.commit);
        // With the culprit taken back the bad end is another kernel.
        if (!step.verdict || !index || step.purpose == Purpose::proof_revert) return;
        add(evidence, *index, step.verdict->verdict);
        narrow(evidence);
    }

    /// Findings that contradict each other narrow nothing.
    void narrow(const Evidence& evidence) {
        std::vector<bool> left = suspects(history_, evidence);
        if (!left.empty()) left_ = std::move(left);
    }

    std::vector<std::uint64_t> shares() const {
        std::vector<std::uint64_t> all(bins_), left(bins_);
        for (CommitIndex commit = 0; commit < history_.size(); ++commit) {
            ++all[bin_of(commit)];
            if (left_[commit]) ++left[bin_of(commit)];
        }
        // A single suspect in a full bin is still seen.
        for (std::size_t bin = 0; bin < bins_; ++bin)
            left[bin] = (left[bin] * 100 + all[bin] - 1) / all[bin];
        return left;
    }

    std::vector<double> binned_probability() const {
        std::vector<double> binned;
        if (probability_.size() != history_.size()) return binned;
        binned.resize(bins_);
        for (CommitIndex commit = 0; commit < history_.size(); ++commit)
            binned[bin_of(commit)] += probability_[commit];
        return binned;
    }

    double chance(CommitIndex commit) const {
        return commit < probability_.size() ? probability_[commit] : 0;
    }

    std::vector<CommitIndex> likeliest() const {
        std::vector<CommitIndex> commits;
        for (CommitIndex commit = 0; commit < history_.size(); ++commit)
            if (chance(commit) > 0) commits.push_back(commit);
        const std::size_t wanted = std::min(most_likely, commits.size());
        std::ranges::partial_sort(commits, commits.begin() + static_cast<std::ptrdiff_t>(wanted),
                                  [this](CommitIndex a, CommitIndex b) {
                                      return chance(a) != chance(b) ? chance(a) > chance(b) : a > b;
                                  });
        commits.resize(wanted);
        return commits;
    }

    std::optional<CommitIndex> focus() const {
        const bool found = state_.ended && state_.ended->ending == Ending::culprit &&
                           !state_.ended->commits.empty();
        if (found) return history_.find(state_.ended->commits.front());
        const std::vector<CommitIndex> likely = likeliest();
        return likely.empty() ? std::nullopt : std::optional(likely.front());
    }

    std::vector<SurveyCommit> around() const {
        const std::optional<CommitIndex> middle = focus();
        if (!middle) return {};
        std::vector<std::vector<CommitIndex>> children(history_.size());
        for (CommitIndex commit = 0; commit < history_.size(); ++commit)
            for (const CommitIndex parent : history_.parents(commit))
                children[parent].push_back(commit);
        std::vector<bool> met(history_.size());
        std::vector<CommitIndex> near;
        std::deque<CommitIndex> next{*middle};
        met[*middle] = true;
        while (!next.empty() && near.size() < most_around) {
            const CommitIndex commit = next.front();
            next.pop_front();
            near.push_back(commit);
            for (const auto& neighbours :
                 {std::vector<CommitIndex>(history_.parents(commit).begin(),
                                           history_.parents(commit).end()),
                  children[commit]})
                for (const CommitIndex neighbour : neighbours)
                    if (!met[neighbour]) {
                        met[neighbour] = true;
                        next.push_back(neighbour);
                    }
        }
        std::ranges::sort(near, std::greater<>());
        std::vector<SurveyCommit> out;
        out.reserve(near.size());
        for (const CommitIndex commit : near) out.push_back(seen(commit));
        return out;
    }

    SurveyCommit seen(CommitIndex commit) const {
        SurveyCommit out;
        out.commit = history_.id(commit);
        for (const CommitIndex parent : history_.parents(commit))
            out.parents.push_back(history_.id(parent));
        out.probability = chance(commit);
        out.suspect = left_[commit];
        for (const StepState& step : state_.steps)
            if (step.commit == out.commit && step.verdict &&
                step.purpose != Purpose::proof_revert) {
                out.verdict = word(step.verdict->verdict);
                out.step = step.number;
            }
        return out;
    }

    const BisectionState& state_;
    const History& history_;
    const std::vector<double>& probability_;
    std::size_t bins_ = 0;
    std::vector<bool> left_;
};

}  // namespace

Survey survey_of(const BisectionState& state, const History& history,
                 const std::vector<double>& probability) {
    return Surveying(state, history, probability).draw();
}

}  // namespace bisectd
