#pragma once
#include "adapters/build/place.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// Whole artefacts only (what is being written has no manifest of its key yet), last used first.
/// Errors: infrastructure when the store's folder is there and cannot be read.
Result<Stock> stored_artefacts(const Place& place);

/// What lies in the artefact store and how the compiler cache did.
/// Errors: infrastructure when the store's folder is there and cannot be read.
Task<Result<Stock>> take_stock(Place place);

}  // namespace bisectd::build
