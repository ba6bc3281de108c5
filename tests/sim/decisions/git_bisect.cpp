#include "tests/sim/decisions/git_bisect.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/sim/decisions/git_choice.hpp"

namespace bisectd::simulate {
namespace {

enum class Verdict { good, bad, skip };

/// The board of `git bisect run`: builds, boots and runs one commit after the other.
class Script {
  public:
    Script(const Truth& truth, std::uint64_t repeats, Outcome& outcome)
        : truth_(truth), repeats_(repeats), outcome_(outcome) {}

    Verdict test(CommitIndex commit) {
        const Scenario& scenario = truth_.scenario();
        if (!truth_.prebuilt(commit)) {
            outcome_.wall_s += scenario.build_s;
            ++outcome_.builds;
        }
        if (!truth_.builds(commit)) {
            ++outcome_.failed_builds;
            return Verdict::skip;
        }
        outcome_.wall_s += scenario.boot_s;
        ++outcome_.boots;
        ++outcome_.commits;
        bool bad = false;
        for (unsigned symptom = 0; symptom < scenario.symptoms && !bad; ++symptom) {
            const auto hit =
                truth_.first_hit(symptom, {commit, false}, 0, kind(commit), 0, repeats_);
            outcome_.runs += hit.value_or(repeats_);
            outcome_.wall_s += scenario.run_s * static_cast<double>(hit.value_or(repeats_));
            bad = hit.has_value();
        }
        return bad ? Verdict::bad : Verdict::good;
    }

  private:
    /// git tests no commit twice, so each boot is the first.
    BootKind kind(CommitIndex commit) {
        const Scenario::Lie lie = truth_.scenario().lie;
        const bool bad = truth_.bad(0, {commit, false});
        const bool eligible = lie != Scenario::Lie::none && bad == (lie == Scenario::Lie::good);
        if (eligible && ++eligible_ == truth_.lying_boot()) {
            outcome_.lied_to = true;
            return bad ? BootKind::never_hits : BootKind::always_hits;
        }
        return truth_.boot({commit, false}, 0);
    }

    const Truth& truth_;
    std::uint64_t repeats_;
    Outcome& outcome_;
    std::uint32_t eligible_ = 0;
};

}  // namespace

Outcome git_bisect(const Truth& truth, std::uint64_t repeats) {
    Outcome outcome;
    Script script(truth, repeats, outcome);
    GitChoice git(truth.range());
    while (const auto commit = git.next()) switch (script.test(*commit)) {
            case Verdict::good:
                git.good(*commit);
                break;
            case Verdict::bad:
                git.bad(*commit);
                break;
            case Verdict::skip:
                git.skip(*commit);
                break;
        }
    for (unsigned symptom = 0; symptom < truth.scenario().symptoms; ++symptom) {
        const bool was_right = symptom == 0 || outcome.right;
        judge(outcome, truth, symptom, git.answer());
        // git lists the skipped suspects behind the culprit, too: as small as can be is right.
        if (outcome.contains && outcome.set_size <= count(truth.look_alikes(symptom)))
            outcome.right = was_right;
    }
    return outcome;
}

BestRepeats best_repeats(const Range& range, const Scenario& scenario, unsigned jobs,
                         double wanted) {
    const double target = std::min(wanted, 0.985) - 0.005;
    BestRepeats best;
    // Below half of the mean run to a hit most bad commits pass; beyond twelve times none does.
    const double mean_runs = 1 / scenario.rate;
    for (double repeats = std::max(1.0, mean_runs / 2); repeats <= 12 * mean_runs + 1;
         repeats = std::max(repeats + 1, repeats * 1.2)) {
        const auto whole = static_cast<std::uint64_t>(repeats);
        const Summary summary =
            summarise(play_all(range, scenario, jobs,
                               [whole](const Truth& truth) { return git_bisect(truth, whole); }));
        if (best.summary.bisects > 0 && summary.right <= best.summary.right) continue;
        best = {whole, summary.right >= target, summary};
        if (best.reached) break;
    }
    return best;
}

}  // namespace bisectd::simulate
