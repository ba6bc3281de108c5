#pragma once
#include <string>

#include "adapters/config/section.hpp"
#include "core/recipe.hpp"

namespace bisectd::config {

/// Reads FOLDER/recipe.toml and checks it against the files beside it; recipes/README.md is the
/// reference. `folder` is absolute. The digest is set.
/// `name`: what the recipe must call itself; empty: anything.
/// Errors: request.
Result<Recipe> read_recipe(const std::string& folder, const std::string& name);

/// The same of a document that was read already; the digest is not set.
Result<Recipe> recipe_of(Document document, const std::string& folder, const std::string& name);

/// The table [build].
BuildSpec read_build(const Section& build, const std::string& folder);

/// Refuses a path of the key `key` that is no file in the recipe's folder.
void need_file(const Section& section, std::string_view key, const std::string& folder,
               const std::string& path);

}  // namespace bisectd::config
