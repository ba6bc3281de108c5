#pragma once
#include <string>

#include "core/board.hpp"
#include "core/error.hpp"

namespace bisectd::config {

/// Reads a board's file; config/boards has examples of all keys. Relative paths in it are relative
/// to its folder; those of the result are absolute when `path` is.
/// Errors: request.
Result<BoardSpec> read_board(const std::string& path);

}  // namespace bisectd::config
