#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/request.hpp"
#include "orchestration/gate.hpp"
#include "ports/clock.hpp"
#include "ports/progress.hpp"
#include "ports/task.hpp"
#include "ports/workshop.hpp"

namespace bisectd {

/// Between two looks at the disks. Source: a compiler writes some 50 MiB/s for a while; so 1 GiB
/// lasts for one look.
constexpr std::chrono::milliseconds space_look_pause{20'000};
/// People are told when there was no space for so long: what is removed takes its time to be gone.
constexpr std::chrono::milliseconds space_patience{60'000};
/// The store's limits are looked after so often, too, when nothing was built.
constexpr std::chrono::milliseconds tidy_pause{3'600'000};

/// Keeps an eye on the disks: with too little free space nothing new is begun, what nobody needs is
/// removed, people are told; and all goes on by itself when there is space again.
/// Thread: the orchestration thread.
class SpaceWatch {
  public:
    /// Whoever knows the bisections. All are called on the orchestration thread, none waits.
    struct Owner {
        std::function<Eviction()> needs;  ///< which artefacts stay
        std::function<void(const EvictedArtefact&)> evicted;
        /// These wait for space, and it is time that people know. Called again at each look.
        std::function<void(const std::set<BisectionId>& waiting, const std::string& ask)> lacks;
        std::function<void()> returned;  ///< there is enough; called at each look
        std::function<void(const std::string& level, const std::string& text)> log;
    };

    /// `builder`: while somebody is inside, what a build takes away with it does not count.
    SpaceWatch(Clock& clock, Workshop& workshop, const Gate& builder)
        : clock_(clock), workshop_(workshop), builder_(builder) {}

    /// Looks after the disks until it is cancelled.
    Task<void> run(Owner owner);

    /// Looks now. False: nothing new may be begun.
    bool has_room();
    /// This bisection has something to do and may not.
    void waits(BisectionId id) { waiting_.insert(id); }
    /// Waits until a build may begin. `progress` hears what it waits for. The caller is inside the
    /// builder's gate and has not begun to build.
    Task<void> room_to_build(BisectionId id, ProgressSink progress);
    /// Something was built: the store may have grown beyond its limits.
    void grown() { untidy_ = true; }

  private:
    std::optional<Room> fullest(bool building);
    void look_after(const Owner& owner);
    void tidy(const Owner& owner, const std::optional<Room>& full);

    Clock& clock_;
    Workshop& workshop_;
    const Gate& builder_;
    std::set<BisectionId> waiting_;
    std::optional<std::chrono::milliseconds> narrow_since_;
    std::chrono::milliseconds tidied_{0};
    bool untidy_ = true, logged_ = false;
    bool awaited_by_builder_ = false;  ///< whoever is inside the gate has not begun to build
};

}  // namespace bisectd
