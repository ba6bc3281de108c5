#pragma once
#include <string>
#include <variant>
#include <vector>

#include "adapters/build/source_tree.hpp"
#include "core/recipe.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// A patch of the stack as it will be laid.
struct StackedPatch {
    Patch patch;
    std::string name;  ///< the file, "commit ID" or "revert of commit ID"
    CommitId commit;   ///< of a patch that is a commit
    std::string text;  ///< of a patch that is a file
};

/// Reads the files and resolves the commits of a stack.
/// Errors: request when a patch does not exist.
Task<Result<std::vector<StackedPatch>>> read_stack(SourceTree& tree, std::vector<Patch> patches,
                                                   std::string recipe_folder);

/// Digest over the stack; empty for no patch.
std::string stack_digest(const std::vector<StackedPatch>& stack);

using LayResult = std::variant<std::vector<std::string>, PatchConflict>;
/// Lays the stack on the tree and its index; tells one sentence a patch. A patch that the tree
/// has already is recognised by applying backwards, and is no error. A reversed patch is taken
/// back; where the tree lacks its change, or it is a merge, that is a conflict.
Task<Result<LayResult>> lay_stack(SourceTree& tree, std::vector<StackedPatch> stack,
                                  std::string scratch_file);

/// The file `name` of the recipe. Errors: request when it leaves the folder or does not exist.
Result<std::string> recipe_file(const std::string& recipe_folder, const std::string& name);

}  // namespace bisectd::build
