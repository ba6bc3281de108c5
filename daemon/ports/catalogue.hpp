#pragma once
#include <string>
#include <vector>

#include "core/board.hpp"
#include "core/error.hpp"
#include "core/recipe.hpp"

namespace bisectd {

/// The configured recipes and boards; read from disk at each call.
/// Errors: request, `where` names file, line and column, `what` says what to do.
class Catalogue {
  public:
    virtual ~Catalogue() = default;
    virtual std::vector<std::string> recipes() = 0;
    virtual Result<Recipe> recipe(const std::string& name) = 0;
    virtual Result<Recipe> recipe_in(const std::string& folder) = 0;
    virtual std::vector<std::string> boards() = 0;
    virtual Result<BoardSpec> board(const std::string& name) = 0;
};

}  // namespace bisectd
