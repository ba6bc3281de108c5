#include "adapters/git/patch_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>

#include "adapters/git/handle.hpp"
#include "adapters/git/names.hpp"
#include "ports/offload.hpp"

namespace bisectd::git {
namespace {

constexpr std::string_view patch_id_prefix = "patch-id:";
/// Source: all patches of Linux take more than an hour; a recipe should not ask for that.
constexpr std::chrono::minutes patch_id_deadline{30};
/// A pipe ends as its last program does, but a history that was read by half is none: how `git log`
/// ended comes out by a descriptor of its own, and the script ends as it did.
constexpr const char* patch_id_script =
    "exec 3>&1; ended=$({ { git -C \"$1\" log --all --no-merges -p --full-index --no-ext-diff "
    "--no-textconv -- 4>&-; echo $? >&4; } | git patch-id --stable >&3; } 4>&1) && exit \"$ended\"";

bool is_id(std::string_view name) {
    return name.size() >= 7 && name.size() <= 64 && is_hex(name);
}

/// Calls `each(first word, rest)` for every complete line of a stream that comes in pieces.
/// Lines are bounded: a longer one is cut.
class WordLines {
  public:
    template <class Each>
    void feed(std::string_view piece, Each&& each) {
        for (char c : piece) {
            if (c != '\n') {
                if (line_.size() < longest) line_ += c;
                continue;
            }
            const std::string_view line = line_;
            const std::size_t space = std::min(line.find(' '), line.size());
            each(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
            line_.clear();
        }
    }

  private:
    static constexpr std::size_t longest = 65536;
    std::string line_;
};

std::vector<CommitId>* wanted_in(std::map<std::string, std::vector<CommitId>>& found,
                                 std::string_view name) {
    const auto entry = found.find(std::string(name));
    return entry == found.end() ? nullptr : &entry->second;
}

}  // namespace

Task<Result<void>> PatchNames::find_ids(std::string name, Found& found) const {
    auto work = [mirror = mirror_, name] { return commits_with_prefix(mirror, name); };
    Result<std::vector<CommitId>> ids = co_await offload(pool_, std::move(work));
    if (!ids) co_return std::unexpected(ids.error());
    if (ids->size() > 1)
        co_return wrong_request(fmt::format("patch condition '{}'", shown(name)),
                                fmt::format("ambiguous short id: {} or {}; write more digits",
                                            ids->at(0).hex(), ids->at(1).hex()));
    found[name] = std::move(*ids);
    co_return Result<void>();
}

Task<Result<void>> PatchNames::find_subjects(std::vector<std::string> subjects,
                                             Found& found) const {
    Found seen;
    for (const std::string& subject : subjects) seen[subject];
    WordLines lines;
    const auto sink = [&lines, &seen](std::string_view piece) {
        lines.feed(piece, [&seen](std::string_view id, std::string_view subject) {
            std::vector<CommitId>* commits = wanted_in(seen, subject);
            const auto parsed = CommitId::parse(id);
            if (commits != nullptr && parsed) commits->push_back(*parsed);
        });
    };
    ProcessSpec spec =
        program_.command(mirror_, {"log", "--all", "--format=%H %s", "--"}, listing_deadline);
    Result<ProcessEnd> end = co_await run_process(std::move(spec), sink);
    if (!end) co_return std::unexpected(end.error());
    if (!end->ok())
        co_return infrastructure("git log in " + shown(mirror_),
                                 "failed while subjects were searched; `git fsck` there says why");
    found.merge(seen);
    co_return Result<void>();
}

Task<Result<void>> PatchNames::find_patch_ids(std::vector<std::string> patch_ids,
                                              Found& found) const {
    Found seen;
    for (const std::string& name : patch_ids) seen[name.substr(patch_id_prefix.size())];
    WordLines lines;
    const auto sink = [&lines, &seen](std::string_view piece) {
        lines.feed(piece, [&seen](std::string_view patch_id, std::string_view id) {
            std::vector<CommitId>* commits = wanted_in(seen, patch_id);
            const auto parsed = CommitId::parse(id);
            if (commits != nullptr && parsed) commits->push_back(*parsed);
        });
    };
    ProcessSpec spec = program_.command(mirror_, {}, patch_id_deadline);
    spec.arguments = {"sh", "-c", patch_id_script, "sh", mirror_};
    Result<ProcessEnd> end = co_await run_process(std::move(spec), sink);
    if (!end) co_return std::unexpected(end.error());
    if (end->timed_out)
        co_return wrong_request("patch condition 'patch-id:'",
                                fmt::format("not found in {} minutes; this history is too long for "
                                            "patch-ids: name the commit by its id or subject",
                                            patch_id_deadline.count()));
    if (!end->ok())
        co_return infrastructure("git log in " + shown(mirror_),
                                 "failed while patch-ids were searched; `git fsck` there says why");
    for (auto& [patch_id, commits] : seen)
        found[std::string(patch_id_prefix) + patch_id] = std::move(commits);
    co_return Result<void>();
}

Task<Result<void>> PatchNames::find_all(std::vector<std::string> names, Found& found) const {
    std::vector<std::string> subjects, patch_ids;
    for (const std::string& name : names) {
        if (found.contains(name)) continue;
        if (name.starts_with(patch_id_prefix)) {
            const std::string hex = name.substr(patch_id_prefix.size());
            if (hex.size() != 40 || !is_hex(hex))
                co_return wrong_request(fmt::format("patch condition '{}'", shown(name)),
                                        "a patch-id is 40 lower-case hexadecimal digits, as `git "
                                        "patch-id --stable` prints");
            patch_ids.push_back(name);
        } else if (is_id(name)) {
            Result<void> ids = co_await find_ids(name, found);
            if (!ids) co_return std::unexpected(ids.error());
        } else {
            subjects.push_back(name);
        }
    }
    if (!subjects.empty()) {
        Result<void> done = co_await find_subjects(std::move(subjects), found);
        if (!done) co_return std::unexpected(done.error());
    }
    if (!patch_ids.empty()) {
        Result<void> done = co_await find_patch_ids(std::move(patch_ids), found);
        if (!done) co_return std::unexpected(done.error());
    }
    co_return Result<void>();
}

Task<Result<bool>> PatchNames::holds(CommitId commit, PatchCondition when,
                                     const Found& found) const {
    const HistoryReader reader(pool_, program_, mirror_);
    if (when.has) {
        Result<bool> has = co_await reader.reaches_any(commit, found.at(*when.has));
        if (!has || !*has) co_return has;
    }
    if (when.lacks) {
        Result<bool> has = co_await reader.reaches_any(commit, found.at(*when.lacks));
        if (!has) co_return has;
        co_return !*has;
    }
    co_return true;
}

Task<Result<std::vector<Patch>>> PatchNames::needed(CommitId commit, std::vector<Patch> stack) {
    std::vector<std::string> names;
    for (const Patch& patch : stack) {
        if (patch.when.has) names.push_back(*patch.when.has);
        if (patch.when.lacks) names.push_back(*patch.when.lacks);
    }
    Found found = remembered_;
    const std::uint64_t updates = updates_;
    Result<void> known = co_await find_all(std::move(names), found);
    if (!known) co_return std::unexpected(known.error());
    if (updates == updates_) remembered_ = found;
    std::vector<Patch> needed;
    for (const Patch& patch : stack) {
        Result<bool> wanted = co_await holds(commit, patch.when, found);
        if (!wanted) co_return std::unexpected(wanted.error());
        if (*wanted) needed.push_back(patch);
    }
    co_return needed;
}

}  // namespace bisectd::git
