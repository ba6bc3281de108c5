#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/engine/question.hpp"
#include "tests/sim/decisions/range.hpp"
#include "tests/sim/decisions/scenario.hpp"

namespace bisectd::simulate {

/// What one boot is like.
enum class BootKind { honest, always_hits, never_hits };

/// How things really are in one virtual bisect: who is guilty, what builds, what each run shows.
/// A pure function of scenario and number: every algorithm meets the same case.
class Truth {
  public:
    Truth(const Range& range, const Scenario& scenario, std::uint64_t number);

    const Range& range() const { return *range_; }
    const Scenario& scenario() const { return *scenario_; }
    std::uint64_t number() const { return number_; }

    CommitIndex culprit(std::size_t symptom) const { return culprits_[symptom]; }
    bool bad(std::size_t symptom, engine::Spot at) const {
        return !at.outside && range_->has(at.index, culprits_[symptom]);
    }
    bool builds(CommitIndex commit) const { return !contains(unbuildable_, commit); }
    bool unlikely(CommitIndex commit) const { return contains(unlikely_, commit); }
    bool prebuilt(CommitIndex commit) const { return contains(prebuilt_, commit); }
    /// The commits that no test can tell from the culprit.
    const CommitSet& look_alikes(std::size_t symptom) const { return look_alikes_[symptom]; }
    /// What is to be found out. Unit: bits.
    double information() const;

    /// The `nth` boot of a commit, as the lab's weaknesses have it.
    BootKind boot(engine::Spot at, std::uint32_t nth) const;
    /// The number of the first run that hits, of the runs `done` + 1 ... `limit` of that boot.
    std::optional<std::uint64_t> first_hit(std::size_t symptom, engine::Spot at, std::uint32_t nth,
                                           BootKind boot, std::uint64_t done,
                                           std::uint64_t limit) const;
    /// Which eligible boot lies, counted from 1, where the scenario has a lie.
    std::uint32_t lying_boot() const { return lying_boot_; }

  private:
    void break_builds(std::uint64_t key);
    CommitSet alike(CommitIndex culprit) const;
    std::uint64_t key_of(engine::Spot at) const;

    const Range* range_;
    const Scenario* scenario_;
    std::uint64_t number_;
    std::uint64_t key_;
    std::vector<CommitIndex> culprits_;
    CommitSet unbuildable_, unlikely_, prebuilt_;
    std::vector<CommitSet> look_alikes_;
    std::uint32_t lying_boot_ = 0;
};

}  // namespace bisectd::simulate
