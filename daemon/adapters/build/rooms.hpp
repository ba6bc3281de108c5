#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/build/place.hpp"
#include "ports/room.hpp"

namespace bisectd::build {

/// Unit: bytes that we may still write on the file system of `folder` (or its nearest parent); 0
/// when it cannot be looked at.
std::uint64_t free_bytes(const std::string& folder);

/// The disks of the data folder and of the builds folder, one where they are the same, as far as
/// they can be looked at; none when nothing is to be left free.
std::vector<Room> rooms_of(const Place& place);

}  // namespace bisectd::build
