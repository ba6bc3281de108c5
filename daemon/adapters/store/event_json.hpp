#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/event.hpp"

namespace bisectd::store {

/// The version that is written with each event. It rises when any kind gets a field; `decode`
/// leaves such a field at its default in bodies of an older version. Kinds and fields are never
/// renamed. tests/adapters/store/frozen_events holds what each version wrote, and its test says
/// when this number has to rise.
constexpr std::int64_t event_version = 3;

/// Longest text in an event; longer ones are cut, with a mark. Unit: bytes.
/// Source: build excerpts and console tails are bounded at a quarter of it.
constexpr std::size_t text_limit = std::size_t{256} * 1024;
/// Largest body. Unit: bytes. Source: 100,000 runs at 60 bytes, with room.
constexpr std::size_t body_limit = std::size_t{16} * 1024 * 1024;

/// The event's fields as a JSON object, in the order of `fields`; valid UTF-8.
/// Errors: bug when a number is not finite or the body would be larger than `body_limit`.
Result<std::string> encode(const Event& event);

/// The event of this kind from a stored body. Bodies are taken for hostile: every field must be
/// there with the right type and in range (of an older version: every field that is there); fields
/// that we do not know are ignored. Errors: infrastructure, naming `seq` and the field.
Result<Event> decode(std::uint64_t seq, std::string_view kind, std::int64_t version,
                     std::string_view body);

}  // namespace bisectd::store
