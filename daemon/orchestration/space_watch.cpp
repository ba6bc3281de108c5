#include "orchestration/space_watch.hpp"

#include <utility>

namespace bisectd {
namespace {

std::string size_of(std::uint64_t bytes) {
    constexpr std::uint64_t mib = 1024UL * 1024;
    const std::uint64_t tenths = bytes / (mib * 1024 / 10);
    if (tenths >= 10)
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
    return std::to_string(bytes / mib) + " MiB";
}

/// One sentence: where, how little, what to do.
std::string ask_for(const Room& room) {
    return "only " + size_of(room.free_bytes) + " are free on the disk of " + room.folder +
           ", and " + size_of(room.floor_bytes) +
           " are to be left free (keep_free): nothing new is begun; remove what is not needed "
           "there, and it goes on by itself";
}

}  // namespace

std::optional<Room> SpaceWatch::fullest(bool building) {
    std::optional<Room> full;
    for (Room& room : workshop_.rooms()) {
        if (room.missing_bytes() == 0 || (room.only_builds && building)) continue;
        if (!full || room.missing_bytes() > full->missing_bytes()) full = std::move(room);
    }
    if (full && !narrow_since_) narrow_since_ = clock_.steady();
    return full;
}

bool SpaceWatch::has_room() {
    return !fullest(builder_.is_taken() && !awaited_by_builder_).has_value();
}

Task<void> SpaceWatch::room_to_build(BisectionId id, ProgressSink progress) {
    /// Also when the wait is interrupted.
    struct Awaiting {
        bool& flag;
        explicit Awaiting(bool& of) : flag(of) { flag = true; }
        ~Awaiting() { flag = false; }
        Awaiting(const Awaiting&) = delete;
        Awaiting& operator=(const Awaiting&) = delete;
    };
    const Awaiting awaiting(awaited_by_builder_);
    for (auto full = fullest(false); full; full = fullest(false)) {
        waits(id);
        progress(Progress{"space", 0, 0, ask_for(*full)});
        co_await clock_.sleep_for(space_look_pause / 4);
    }
}

void SpaceWatch::tidy(const Owner& owner, const std::optional<Room>& full) {
    Eviction eviction = owner.needs();
    if (full && !full->only_builds) eviction.missing_bytes = full->missing_bytes();
    eviction.trees = full.has_value();
    auto evicted = workshop_.evict(eviction);
    if (!evicted) return owner.log("warning", describe(evicted.error()));
    untidy_ = false;
    tidied_ = clock_.steady();
    for (const EvictedArtefact& one : *evicted) owner.evicted(one);
}

void SpaceWatch::look_after(const Owner& owner) {
    const std::optional<Room> full = fullest(builder_.is_taken() && !awaited_by_builder_);
    if (full || untidy_ || clock_.steady() - tidied_ >= tidy_pause) tidy(owner, full);
    if (!full) {
        narrow_since_.reset();
        if (std::exchange(logged_, false)) owner.log("info", "there is disk space again");
        waiting_.clear();
        return owner.returned();
    }
    const std::string ask = ask_for(*full);
    if (!std::exchange(logged_, true)) owner.log("warning", ask);
    if (clock_.steady() - *narrow_since_ >= space_patience) owner.lacks(waiting_, ask);
}

Task<void> SpaceWatch::run(Owner owner) {
    while (true) {
        look_after(owner);
        co_await clock_.sleep_for(space_look_pause);
    }
}

}  // namespace bisectd
