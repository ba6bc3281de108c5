#include "adapters/build/rooms.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <optional>

namespace bisectd::build {
namespace {

struct Disk {
    dev_t device = 0;
    std::uint64_t free_bytes = 0, size_bytes = 0;
};

/// Errors: nothing when it cannot be looked at: whoever writes there will say why.
std::optional<Disk> disk_of(const std::string& folder) {
    std::filesystem::path at = folder;
    std::error_code failed;
    while (at.has_relative_path() && !std::filesystem::exists(at, failed)) at = at.parent_path();
    struct statvfs space{};
    struct stat info{};
    if (statvfs(at.c_str(), &space) != 0 || stat(at.c_str(), &info) != 0) return std::nullopt;
    const std::uint64_t unit = space.f_frsize;
    return Disk{info.st_dev, std::uint64_t{space.f_bavail} * unit,
                std::uint64_t{space.f_blocks} * unit};
}

Room room_of(const std::string& folder, const Disk& disk, const StorageSpec& spec) {
    Room room;
    room.folder = folder;
    room.free_bytes = disk.free_bytes;
    room.size_bytes = disk.size_bytes;
    room.floor_bytes = spec.keep_free_percent == 0 ? spec.keep_free_bytes
                                                   : disk.size_bytes / 100 * spec.keep_free_percent;
    return room;
}

}  // namespace

std::uint64_t free_bytes(const std::string& folder) {
    const auto disk = disk_of(folder);
    return disk ? disk->free_bytes : 0;
}

std::vector<Room> rooms_of(const Place& place) {
    std::vector<Room> rooms;
    const StorageSpec& spec = place.options.storage;
    if (spec.keep_free_bytes == 0 && spec.keep_free_percent == 0) return rooms;
    const auto data = disk_of(place.data), builds = disk_of(place.builds());
    if (data) rooms.push_back(room_of(place.data, *data, spec));
    if (!builds || (data && builds->device == data->device)) return rooms;
    rooms.push_back(room_of(place.builds(), *builds, spec));
    rooms.back().only_builds = true;
    return rooms;
}

}  // namespace bisectd::build
