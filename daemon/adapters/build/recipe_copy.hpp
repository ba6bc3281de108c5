#pragma once
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace bisectd::build {

/// The most that a recipe's folder may hold. Source: a reproducer with test data, times ten.
constexpr std::uint64_t recipe_limit_bytes = 64ULL << 20;

/// Copies a folder to `to`, where nothing is yet and which then exists whole or not at all.
/// Links that stay inside stay links. Errors: request for links that lead out, devices, and a
/// folder over the limit; infrastructure for the disk.
Result<void> copy_recipe(const std::string& from, const std::string& to);

}  // namespace bisectd::build
