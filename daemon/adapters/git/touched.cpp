#include "adapters/git/touched.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <optional>
#include <unordered_map>
#include <utility>

#include "adapters/git/handle.hpp"
#include "adapters/git/raw_changes.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd::git {
namespace {

/// Changes of files that are kept at once. Source: all of Linux has about 4 million. Unit: changes.
constexpr std::size_t changes_limit = 30'000'000;
/// A merge with a side that was forked long ago differs from it in half of the tree, so only so
/// many are looked at; the others keep their usual weight.
/// Source: a comparison takes 20 ms on Linux, and a release of it has under 1500 merges.
constexpr std::size_t sides_limit = 5'000;

/// What each commit changed, with every path kept once.
class Changes {
  public:
    explicit Changes(const BuildInputs& inputs) : inputs_(inputs) {}

    void add_commit(CommitIndex commit) { commits_.push_back({commit, {}, {}}); }
    void add_path(std::string_view path, char status) {
        if (commits_.empty() || ++changes_ > changes_limit) return;
        const std::uint32_t number = number_of(path);
        commits_.back().paths.push_back(number);
        if (status == 'D') commits_.back().removed.push_back(number);
    }
    bool too_many() const { return changes_ > changes_limit; }

    /// Whether the build reads it; old names of what it reads count after `settle`.
    bool reads(std::string_view path) { return read_[number_of(path)]; }

    /// One flag a commit of the history: it touches what is read.
    std::vector<bool> settle(CommitIndex size) {
        std::vector<bool> touched(size, false);
        for (bool grown = true; grown;) {
            grown = false;
            for (const Commit& commit : commits_) {
                if (!touched[commit.commit] && !reads_any(commit)) continue;
                touched[commit.commit] = true;
                for (const std::uint32_t path : commit.removed)
                    if (!read_[path]) grown = read_[path] = true;
            }
        }
        return touched;
    }

  private:
    struct Commit {
        CommitIndex commit;
        std::vector<std::uint32_t> paths, removed;
    };
    bool reads_any(const Commit& commit) const {
        for (const std::uint32_t path : commit.paths)
            if (read_[path]) return true;
        return false;
    }
    std::uint32_t number_of(std::string_view path) {
        const auto [entry, fresh] =
            numbers_.try_emplace(std::string(path), static_cast<std::uint32_t>(read_.size()));
        if (fresh) read_.push_back(inputs_.reads(path));
        return entry->second;
    }

    const BuildInputs& inputs_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<bool> read_;
    std::vector<Commit> commits_;
    std::size_t changes_ = 0;
};

/// A file without a name that a child can read: nothing is left when we are killed.
class Questions {
  public:
    static Result<Questions> of(const std::string& text) {
        Questions questions;
        questions.file_ = process::Descriptor{memfd_create("commits", MFD_CLOEXEC)};
        std::string_view rest = text;
        while (questions.file_ && !rest.empty()) {
            const ssize_t wrote = write(questions.file_.get(), rest.data(), rest.size());
            if (wrote <= 0) break;
            rest.remove_prefix(static_cast<std::size_t>(wrote));
        }
        if (!questions.file_ || !rest.empty())
            return infrastructure("list of commits", "no memory to write it");
        return questions;
    }
    std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), file_.get()); }

  private:
    process::Descriptor file_;
};

/// Asks git for the changes of the commits in `questions` ("COMMIT" or "COMMIT PARENT" a line).
Task<Result<void>> ask(const GitProgram& program, std::string mirror, std::string questions,
                       RawChanges& changes) {
    const std::string where = "git diff-tree in " + shown(mirror);
    auto file = Questions::of(questions);
    if (!file) co_return std::unexpected(file.error());
    ProcessSpec spec = program.command(mirror,
                                       {"diff-tree", "--stdin", "-r", "--root", "--raw", "-z",
                                        "--no-renames", "--diff-merges=first-parent"},
                                       listing_deadline);
    spec.input_file = file->path();
    const auto sink = [&changes](std::string_view piece) { changes.feed(piece); };
    auto end = co_await run_process(std::move(spec), sink);
    if (!end) co_return std::unexpected(end.error());
    if (end->timed_out)
        co_return infrastructure(where, "did not compare the commits in time; is the disk slow?");
    if (!end->ok() || !changes.whole())
        co_return infrastructure(where, "failed; `git fsck` there says why");
    co_return Result<void>{};
}

/// A commit beside each parent in the range, for merges that touch what is read.
std::vector<std::pair<CommitIndex, CommitIndex>> sides_of_merges(const History& history,
                                                                 const std::vector<bool>& touched) {
    std::vector<std::pair<CommitIndex, CommitIndex>> sides;
    for (CommitIndex commit = 0; commit < history.size(); ++commit) {
        if (!touched[commit] || history.parents(commit).size() < 2) continue;
        for (const CommitIndex parent : history.parents(commit)) sides.emplace_back(commit, parent);
        if (sides.size() > sides_limit) break;
    }
    return sides;
}

/// Clears the flag of merges in which nothing that is read differs from one of their parents.
Task<Result<void>> clear_merges(const GitProgram& program, std::string mirror,
                                const History& history, Changes& changes,
                                std::vector<bool>& touched) {
    const auto sides = sides_of_merges(history, touched);
    if (sides.empty()) co_return Result<void>{};
    std::string questions;
    std::unordered_map<CommitIndex, std::size_t> equal;  // sides in which nothing differs
    for (const auto& [commit, parent] : sides) {
        questions += history.id(commit).hex() + " " + history.id(parent).hex() + "\n";
        ++equal[commit];
    }
    std::optional<CommitIndex> open;  // the side that is read, until something differs in it
    const auto on_commit = [&open, &history](std::string_view id) {
        const auto parsed = CommitId::parse(id);
        open = parsed ? history.find(*parsed) : std::nullopt;
    };
    const auto on_change = [&open, &equal, &changes](std::string_view path, char) {
        if (!open || !changes.reads(path)) return;
        --equal[*open];
        open.reset();
    };
    RawChanges reader({on_commit, on_change});
    auto asked = co_await ask(program, std::move(mirror), std::move(questions), reader);
    if (!asked) co_return asked;
    for (const auto& [commit, count] : equal)
        if (count > 0) touched[commit] = false;
    co_return Result<void>{};
}

}  // namespace

Task<Result<std::vector<CommitId>>> TouchReader::unlikely(std::shared_ptr<const History> history,
                                                          std::shared_ptr<const BuildInputs> inputs,
                                                          bool first_parent) const {
    std::vector<CommitId> found;
    if (inputs->empty()) co_return found;
    std::string questions;
    for (CommitIndex commit = 0; commit < history->size(); ++commit)
        questions += history->id(commit).hex() + "\n";
    Changes changes(*inputs);
    const auto on_commit = [&changes, &history](std::string_view id) {
        const auto parsed = CommitId::parse(id);
        const auto commit = parsed ? history->find(*parsed) : std::nullopt;
        if (commit) changes.add_commit(*commit);
    };
    const auto on_change = [&changes](std::string_view path, char status) {
        changes.add_path(path, status);
    };
    RawChanges reader({on_commit, on_change});
    auto asked = co_await ask(program_, mirror_, std::move(questions), reader);
    if (!asked) co_return std::unexpected(asked.error());
    if (changes.too_many())
        co_return infrastructure(
            "history", fmt::format("more than {} files are changed in it", changes_limit));
    std::vector<bool> touched = changes.settle(history->size());
    if (!first_parent) {
        auto cleared = co_await clear_merges(program_, mirror_, *history, changes, touched);
        if (!cleared) co_return std::unexpected(cleared.error());
    }
    for (CommitIndex commit = 0; commit < history->size(); ++commit)
        if (!touched[commit]) found.push_back(history->id(commit));
    co_return found;
}

}  // namespace bisectd::git
