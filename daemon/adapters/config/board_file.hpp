#pragma once
#include <string>

#include "adapters/config/document.hpp"
#include "core/board.hpp"
#include "core/error.hpp"

namespace bisectd::config {

/// Reads a board's file; config/boards has examples of all keys. Relative paths in it are relative
/// to its folder; those of the result are absolute when `path` is.
/// Errors: request.
Result<BoardSpec> read_board(const std::string& path);

/// The same of a document that was read already.
Result<BoardSpec> board_of(Document document);

}  // namespace bisectd::config
