#pragma once
#include "adapters/build/place.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// What lies in the artefact store and how the compiler cache did.
/// Errors: infrastructure when the store's folder is there and cannot be read.
Task<Result<Stock>> take_stock(Place place);

}  // namespace bisectd::build
