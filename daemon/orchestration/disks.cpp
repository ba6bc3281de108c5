#include "core/needed_artefacts.hpp"
#include "orchestration/supervisor.hpp"

// The supervisor's part in looking after the disks: which artefacts stay, what is journalled of
// those that went, and which bisections wait for space.

namespace bisectd {

SpaceWatch::Owner Supervisor::owner_of_disks() {
    SpaceWatch::Owner owner;
    owner.needs = [this] {
        Eviction eviction;
        for (const auto& [id, bisection] : bisections_) {
            eviction.needed.merge(needed_artefacts(bisection->state()));
            eviction.cherished.merge(proof_artefacts(bisection->state()));
        }
        return eviction;
    };
    owner.evicted = [this](const EvictedArtefact& evicted) {
        const StoredArtefact& artefact = evicted.artefact;
        evictions_.push_back({artefact.key, artefact.commit, artefact.bytes, evicted.why});
        journal_evictions();
    };
    owner.lacks = [this](const std::set<BisectionId>& waiting, const std::string& ask) {
        journal_evictions();
        tell_of_space(waiting, ask);
    };
    owner.returned = [this] {
        journal_evictions();
        go_on_with_space();
    };
    owner.log = log_;
    return owner;
}

LogKeeper::Owner Supervisor::owner_of_logs() {
    LogKeeper::Owner owner;
    owner.bisections = [this] { return bisections(); };
    owner.evicts = [this](BisectionId id, const LogsEvicted& event) {
        return bisections_.at(id)->chronicle().record(event);
    };
    owner.log = log_;
    return owner;
}

void Supervisor::look_after_disks() {
    if (lab_.space != nullptr)
        in_background(lab_.space->run(owner_of_disks()), "the disks are not looked after any more");
    if (lab_.log_keeper != nullptr)
        in_background(lab_.log_keeper->run(owner_of_logs()), "logs are not closed any more");
}

void Supervisor::journal_evictions() {
    // Not before the eviction: on a full disk it may be what makes room for the journal. Nothing
    // was promised of it, and the store itself is asked what it has.
    while (!evictions_.empty()) {
        auto stored = lab_.journal.append(0, lab_.clock.now_ms_utc(), evictions_.front());
        if (!stored) return log_("warning", "an eviction: " + describe(stored.error()));
        evictions_.pop_front();
        listeners_.tell(*stored);
    }
}

void Supervisor::tell_of_space(const std::set<BisectionId>& waiting, const std::string& ask) {
    bool first = true;
    for (const auto& [id, bisection] : bisections_)
        first = first && bisection->state().awaits_space.empty();
    for (const BisectionId id : waiting) {
        Bisection& bisection = *bisections_.at(id);
        const BisectionState& state = bisection.state();
        if (state.activity != Activity::running || !state.awaits_space.empty()) continue;
        // Tried again at the next look: the journal is on such a disk, too.
        auto told = bisection.chronicle().record(SpaceRanOut{ask, first});
        if (!told) log_("warning", describe(told.error()));
        first = first && !told;
    }
}

void Supervisor::go_on_with_space() {
    for (auto& [id, bisection] : bisections_) {
        if (bisection->state().awaits_space.empty() && !bisection->awaits_space()) continue;
        if (!bisection->state().awaits_space.empty()) {
            auto told = bisection->chronicle().record(SpaceReturned{});
            if (!told) log_("warning", describe(told.error()));
        }
        if (bisection->state().activity == Activity::running && !lacks_replay(*bisection))
            bisection->go();
    }
}

}  // namespace bisectd
