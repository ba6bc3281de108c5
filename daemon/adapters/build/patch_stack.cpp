#include "adapters/build/patch_stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "adapters/build/file_access.hpp"
#include "adapters/digest/sha256.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t file_limit_bytes = 64 << 20;
constexpr std::size_t reject_limit_bytes = 4000;

std::vector<std::string> apply_command(const std::string& file, bool check, bool reverse) {
    std::vector<std::string> command{"apply", "--index", "--whitespace=nowarn"};
    if (check) command.emplace_back("--check");
    if (reverse) command.emplace_back("--reverse");
    command.emplace_back("--");
    command.push_back(file);
    return command;
}

/// What became of one patch.
struct Laid {
    std::string sentence;  ///< empty: it conflicts
    std::string reject;
};

/// Whether no machine could write what the patch asks for. git's check lets a link without a target
/// pass, and a file in the place of a folder. Source: write_out_results in git's apply.c, tried
/// with git 2.39.
bool asks_too_much(std::string_view errors) {
    constexpr std::array reasons{
        std::string_view{": No such file or directory"}, std::string_view{": File name too long"},
        std::string_view{": Not a directory"},           std::string_view{": Is a directory"},
        std::string_view{": Directory not empty"},       std::string_view{": File exists"},
    };
    while (!errors.empty()) {
        const std::string_view line = errors.substr(0, errors.find('\n'));
        errors.remove_prefix(std::min(errors.size(), line.size() + 1));
        if (line.starts_with("error: unable to write file ") &&
            std::ranges::any_of(reasons, [line](auto reason) { return line.ends_with(reason); }))
            return true;
    }
    return false;
}

Task<Result<Laid>> lay(SourceTree& tree, const StackedPatch& patch, const std::string& file) {
    constexpr std::size_t words_limit = std::size_t{64} * 1024;
    auto check = co_await tree.git(apply_command(file, true, false), words_limit);
    if (!check) co_return std::unexpected(check.error());
    if (check->end.ok()) {
        auto applied = co_await tree.git(apply_command(file, false, false), words_limit);
        if (!applied) co_return std::unexpected(applied.error());
        if (applied->end.ok()) co_return Laid{patch.name + " applied", {}};
        if (!asks_too_much(applied->errors))
            co_return infrastructure("patch " + patch.name, applied->errors.substr(0, 2000));
        auto before = co_await tree.written();  // git writes the index last
        if (!before) co_return std::unexpected(before.error());
        auto restored = co_await tree.restore(*before);
        if (!restored) co_return std::unexpected(restored.error());
        co_return Laid{{}, applied->errors.substr(0, reject_limit_bytes)};
    }
    auto backwards = co_await tree.git(apply_command(file, true, true), words_limit);
    if (!backwards) co_return std::unexpected(backwards.error());
    if (backwards->end.ok()) co_return Laid{patch.name + " already in the tree", {}};
    co_return Laid{{}, check->errors.substr(0, reject_limit_bytes)};
}

/// Takes a commit's change back as `git revert` does: where later commits moved the text, the
/// change is merged in by its blobs. A tree that does not have the change cannot give it back.
/// After a conflict the tree is as it was.
Task<Result<Laid>> take_back(SourceTree& tree, const StackedPatch& patch, const std::string& file) {
    constexpr std::size_t words_limit = std::size_t{64} * 1024;
    auto before = co_await tree.written();
    if (!before) co_return std::unexpected(before.error());
    auto check = co_await tree.git(apply_command(file, true, true), words_limit);
    if (!check) co_return std::unexpected(check.error());
    std::vector<std::string> command = apply_command(file, false, true);
    if (!check->end.ok()) command.insert(command.begin() + 1, "--3way");
    auto applied = co_await tree.git(command, words_limit);
    if (!applied) co_return std::unexpected(applied.error());
    if (applied->end.ok()) {
        auto after = co_await tree.written();
        if (!after) co_return std::unexpected(after.error());
        if (*after != *before) co_return Laid{patch.name + " applied", {}};
        co_return Laid{{}, "its change is not in this tree, so there is nothing to take back"};
    }
    auto restored = co_await tree.restore(*before);
    if (!restored) co_return std::unexpected(restored.error());
    co_return Laid{{}, applied->errors.substr(0, reject_limit_bytes)};
}

}  // namespace

Result<std::string> recipe_file(const std::string& recipe_folder, const std::string& name) {
    std::error_code failed;
    const fs::path folder = fs::canonical(recipe_folder, failed);
    if (failed)
        return infrastructure(recipe_folder, "the recipe's folder is gone: " + failed.message());
    const fs::path file = fs::canonical(folder / name, failed);
    if (failed) return wrong_request(recipe_folder + "/" + name, "does not exist");
    if (!file.string().starts_with(folder.string() + "/"))
        return wrong_request(recipe_folder + "/" + name, "lies outside the recipe's folder");
    return file.string();
}

Task<Result<std::vector<StackedPatch>>> read_stack(SourceTree& tree, std::vector<Patch> patches,
                                                   std::string recipe_folder) {
    std::vector<StackedPatch> stack;
    for (const Patch& patch : patches) {
        StackedPatch item;
        item.patch = patch;
        if (patch.file.empty()) {
            auto commit = co_await tree.resolve(patch.commit);
            if (!commit) co_return std::unexpected(commit.error());
            item.commit = *commit;
            item.name = (patch.reverse ? "revert of commit " : "commit ") + item.commit.brief();
        } else {
            auto file = recipe_file(recipe_folder, patch.file);
            if (!file) co_return std::unexpected(file.error());
            auto text = read_file(*file, file_limit_bytes);
            if (!text) co_return std::unexpected(text.error());
            item.text = std::move(*text);
            item.name = patch.file;
        }
        stack.push_back(std::move(item));
    }
    co_return stack;
}

std::string stack_digest(const std::vector<StackedPatch>& stack) {
    if (stack.empty()) return {};
    Sha256 digest;
    for (const StackedPatch& item : stack) {
        digest.add_part("policy", item.patch.on_conflict == OnConflict::drop ? "drop" : "needed");
        digest.add_part("commit", item.commit.hex());
        digest.add_part("text", item.text);
        if (item.patch.reverse) digest.add_part("reverse", "");
    }
    return digest.hex();
}

namespace {

/// Lays one patch of the stack, whatever it is.
Task<Result<Laid>> lay_item(SourceTree& tree, StackedPatch item, std::string scratch_file) {
    std::string text = item.text;
    if (!item.commit.empty()) {
        if (item.patch.reverse) {
            auto parents = co_await tree.parents_of(item.commit);
            if (!parents) co_return std::unexpected(parents.error());
            if (*parents > 1)
                co_return Laid{{},
                               "it is a merge, which has no change of its own to take back: "
                               "nobody said which of its sides is to stay"};
        }
        auto change = co_await tree.patch_of(item.commit);
        if (!change) co_return std::unexpected(change.error());
        text = std::move(*change);
        if (item.patch.reverse && text.empty())
            co_return Laid{{}, "it changes no file, so there is nothing to take back"};
    }
    if (auto written = write_file(scratch_file, text); !written)
        co_return std::unexpected(written.error());
    if (item.patch.reverse) co_return co_await take_back(tree, item, scratch_file);
    co_return co_await lay(tree, item, scratch_file);
}

}  // namespace

Task<Result<LayResult>> lay_stack(SourceTree& tree, std::vector<StackedPatch> stack,
                                  std::string scratch_file) {
    std::vector<std::string> sentences;
    for (const StackedPatch& item : stack) {
        auto laid = co_await lay_item(tree, item, scratch_file);
        if (!laid) co_return std::unexpected(laid.error());
        if (!laid->sentence.empty()) {
            sentences.push_back(laid->sentence);
            continue;
        }
        if (item.patch.on_conflict != OnConflict::drop) {
            PatchConflict conflict{item.name, laid->reject, item.patch.on_conflict};
            co_return LayResult{std::move(conflict)};
        }
        sentences.push_back(item.name + " left out: it does not apply");
    }
    co_return LayResult{std::move(sentences)};
}

}  // namespace bisectd::build
