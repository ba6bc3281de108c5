#include "adapters/build/source_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/build/file_access.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

/// Longest a git command may take: a checkout of a large tree on a slow, busy disk.
constexpr std::chrono::minutes git_limit{30};
constexpr std::size_t names_limit_bytes = 1 << 20;
constexpr std::size_t patch_limit_bytes = 64 << 20;

/// Nothing here names a program; filters and merge drivers of .gitattributes find no command.
constexpr const char* configuration =
    "[core]\n\trepositoryformatversion = {}\n\tbare = false\n\thooksPath = /dev/null\n"
    "\tattributesFile = /dev/null\n\texcludesFile = /dev/null\n\tautocrlf = false\n"
    "\tfsmonitor = false\n\tuntrackedCache = false\n\tfileMode = true\n\tsymlinks = true\n"
    "[checkout]\n\tworkers = 0\n[gc]\n\tauto = 0\n[extensions]\n{}";

std::string first_lines(std::string_view text) {
    std::string kept{text.substr(0, 2000)};
    while (!kept.empty() && kept.back() == '\n') kept.pop_back();
    return kept;
}

std::vector<std::string> split_names(std::string_view text, std::size_t limit) {
    std::vector<std::string> names;
    while (!text.empty() && names.size() < limit) {
        const auto end = text.find('\0');
        names.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return names;
}

}  // namespace

std::map<std::string, std::string> neutral_git_environment() {
    return {{"GIT_CONFIG_NOSYSTEM", "1"},    {"GIT_CONFIG_GLOBAL", "/dev/null"},
            {"GIT_ATTR_NOSYSTEM", "1"},      {"GIT_TERMINAL_PROMPT", "0"},
            {"GIT_NO_REPLACE_OBJECTS", "1"}, {"GIT_NO_LAZY_FETCH", "1"},
            {"GIT_ASKPASS", "/bin/false"},   {"LC_ALL", "C.UTF-8"}};
}

Result<void> SourceTree::make_git_folder(bool sha256) {
    const std::string folder = place_.git_folder();
    std::error_code failed;
    fs::remove_all(folder, failed);
    fs::create_directories(folder + "/objects/info", failed);
    if (!failed) fs::create_directories(folder + "/refs", failed);
    if (failed) return infrastructure(folder, "cannot make it: " + failed.message());
    const std::string objects = fs::absolute(mirror_, failed).string() + "/objects";
    if (!fs::is_directory(objects, failed) || objects.find('\n') != std::string::npos)
        return infrastructure(mirror_, "is no bare git repository");
    const char* extensions = sha256 ? "\tobjectFormat = sha256\n" : "";
    auto config = write_file(folder + "/config",
                             fmt::format(fmt::runtime(configuration), sha256 ? 1 : 0, extensions));
    if (!config) return config;
    if (auto head = write_file(folder + "/HEAD", "ref: refs/heads/none\n"); !head) return head;
    return write_file(folder + "/objects/info/alternates", objects + "\n");
}

Task<Result<Captured>> SourceTree::git(Arguments arguments, std::size_t limit_bytes) {
    ProcessSpec spec;
    spec.arguments = {"git"};
    spec.arguments.insert(spec.arguments.end(), arguments.begin(), arguments.end());
    spec.folder = place_.source();
    spec.keep_environment = false;
    spec.environment = neutral_git_environment();
    spec.environment["GIT_DIR"] = place_.git_folder();
    spec.environment["GIT_WORK_TREE"] = place_.source();
    spec.environment["GIT_INDEX_FILE"] = place_.git_folder() + "/index";
    spec.deadline = git_limit;
    spec.inherited_fd = place_.lock;
    auto captured = co_await capture(std::move(spec), limit_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    if (captured->end.timed_out || captured->end.signal != 0)
        co_return infrastructure("git " + arguments.front(), captured->end.timed_out
                                                                 ? "did not end in time"
                                                                 : "was ended by a signal");
    co_return std::move(*captured);
}

Task<Result<std::string>> SourceTree::git_says(Arguments arguments) {
    auto captured = co_await git(arguments, names_limit_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    if (!captured->end.ok())
        co_return infrastructure("git " + arguments.front(), first_lines(captured->errors));
    co_return std::move(captured->output);
}

Task<Result<void>> SourceTree::check_out(CommitId commit, std::string tree) {
    const std::string where = "check out of " + commit.brief();
    if (auto made = make_git_folder(commit.hex().size() == 64); !made) co_return made;
    Arguments ask_tree{"rev-parse", "--verify", "--end-of-options", commit.hex() + "^{tree}"};
    auto expected = co_await git_says(ask_tree);
    if (!expected)
        co_return std::unexpected(Error{expected.error().kind, where, expected.error().what});
    *expected = first_lines(*expected);
    if (!tree.empty() && *expected != tree)
        co_return infrastructure(where,
                                 fmt::format("its tree is {}, asked for was {}", *expected, tree));
    Arguments fill{"read-tree", "--reset", "-u", *expected};
    auto filled = co_await git_says(fill);
    if (!filled) co_return std::unexpected(Error{filled.error().kind, where, filled.error().what});

    auto whole = co_await written();
    if (!whole) co_return std::unexpected(whole.error());
    if (*whole != *expected)
        co_return infrastructure(where,
                                 fmt::format("the tree is {} instead of {}", *whole, *expected));
    Arguments others{"ls-files", "--others", "-z"};  // with no excludes: ignored files as well
    auto foreign = co_await git_says(others);
    if (!foreign) co_return std::unexpected(foreign.error());
    auto changed = co_await changed_files();
    if (!changed) co_return std::unexpected(changed.error());
    const auto names = split_names(*foreign, 20);
    if (!names.empty() || !changed->empty())
        co_return infrastructure(where,
                                 fmt::format("the fresh tree is not clean: {}",
                                             names.empty() ? changed->front() : names.front()));
    co_return Result<void>{};
}

Task<Result<std::vector<std::string>>> SourceTree::changed_files() {
    Arguments refresh{"update-index", "-q", "--refresh"};
    auto refreshed = co_await git(refresh, names_limit_bytes);  // fails when something changed
    if (!refreshed) co_return std::unexpected(refreshed.error());
    Arguments ask{"diff-files", "--name-only", "--ignore-submodules", "-z"};
    auto names = co_await git_says(ask);
    if (!names) co_return std::unexpected(names.error());
    co_return split_names(*names, 20);
}

Task<Result<CommitId>> SourceTree::resolve(std::string name) {
    ProcessSpec spec;
    spec.arguments = {"git",     "--git-dir=" + mirror_, "rev-parse",       "--verify",
                      "--quiet", "--end-of-options",     name + "^{commit}"};
    spec.keep_environment = false;
    spec.environment = neutral_git_environment();
    auto captured = co_await capture(std::move(spec), 4096);
    if (!captured) co_return std::unexpected(captured.error());
    const auto id = CommitId::parse(first_lines(captured->output));
    if (!captured->end.ok() || !id)
        co_return wrong_request("patch " + name, "is no commit of this repository");
    co_return *id;
}

Task<Result<std::string>> SourceTree::patch_of(CommitId commit) {
    Arguments ask{"show",          "--format=",     "--diff-merges=first-parent",
                  "--patch",       "--binary",      "--full-index",
                  "--no-ext-diff", "--no-textconv", "--no-renames",
                  commit.hex()};
    auto captured = co_await git(ask, patch_limit_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    if (!captured->end.ok())
        co_return infrastructure("patch " + commit.brief(), first_lines(captured->errors));
    if (captured->output.size() >= patch_limit_bytes)
        co_return wrong_request("patch " + commit.brief(), "is too large to be a patch");
    co_return std::move(captured->output);
}

Task<Result<std::size_t>> SourceTree::parents_of(CommitId commit) {
    Arguments ask{"rev-list", "--parents", "--max-count=1", commit.hex()};
    auto line = co_await git_says(ask);
    if (!line) co_return std::unexpected(line.error());
    co_return static_cast<std::size_t>(std::ranges::count(*line, ' '));
}

Task<Result<std::string>> SourceTree::written() {
    Arguments write{"write-tree"};
    auto tree = co_await git_says(write);
    if (!tree) co_return std::unexpected(tree.error());
    co_return first_lines(*tree);
}

Task<Result<void>> SourceTree::restore(std::string tree) {
    Arguments fill{"read-tree", "--reset", "-u", std::move(tree)};
    auto filled = co_await git_says(fill);
    if (!filled) co_return std::unexpected(filled.error());
    // Files that the index never heard of.
    Arguments sweep{"clean", "-ffdxq"};
    auto swept = co_await git_says(sweep);
    if (!swept) co_return std::unexpected(swept.error());
    co_return Result<void>{};
}

}  // namespace bisectd::build
