#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/artefact.hpp"

namespace bisectd::build {

constexpr std::size_t manifest_limit_bytes = 4 << 20;

/// An artefact as JSON; the paths of its files are left out, they follow from the place.
std::string write_manifest(const Artefact& artefact);
/// Errors: nothing when the text is not a whole manifest of this version.
std::optional<Artefact> read_manifest(std::string_view text);

}  // namespace bisectd::build
