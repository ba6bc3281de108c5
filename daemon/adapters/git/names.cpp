#include "adapters/git/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "adapters/git/handle.hpp"

namespace bisectd::git {
namespace {

constexpr std::size_t longest_name = 1024;
constexpr std::size_t most_references = 200'000;
constexpr std::size_t most_good_ends = 1000;
constexpr std::size_t most_candidates = 20;

CommitId id_of(const git_oid& oid) {
    std::string hex(GIT_OID_HEXSZ, '\0');
    git_oid_fmt(hex.data(), &oid);
    return *CommitId::parse(hex);
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// Errors: nothing when the object is neither a commit nor a tag of one.
std::optional<CommitId> peeled(git_object* object) {
    git_object* commit = nullptr;
    if (git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0) return std::nullopt;
    const ObjectHandle owner(commit);
    return id_of(*git_object_id(commit));
}

/// Tags and branches as people write them, without their `refs/.../`.
std::vector<std::string> names_of_references(git_repository* repository) {
    std::vector<std::string> names;
    git_reference_iterator* opened = nullptr;
    if (git_reference_iterator_new(&opened, repository) < 0) return names;
    const IteratorHandle iterator(opened);
    const char* name = nullptr;
    while (names.size() < most_references && git_reference_next_name(&name, iterator.get()) == 0) {
        const std::string_view full(name);
        for (std::string_view prefix : {"refs/tags/", "refs/heads/", "refs/remotes/"})
            if (full.starts_with(prefix)) names.emplace_back(full.substr(prefix.size()));
    }
    return names;
}

std::vector<std::string> similar_names(git_repository* repository, const std::string& name) {
    const std::string wanted = name.substr(0, name.find_first_of("^~@:"));
    if (wanted.size() < 2) return {};
    std::vector<std::pair<std::size_t, std::string>> found;
    for (std::string& candidate : names_of_references(repository)) {
        const bool contained = wanted.size() > 2 && candidate.find(wanted) != std::string::npos;
        const std::size_t length_gap =
            std::max(candidate.size(), wanted.size()) - std::min(candidate.size(), wanted.size());
        const std::size_t allowed = std::max<std::size_t>(2, wanted.size() / 3);
        if (!contained && length_gap > allowed) continue;
        const std::size_t distance =
            candidate.size() > longest_name ? longest_name : edit_distance(candidate, wanted);
        if (distance <= allowed || contained) found.emplace_back(distance, std::move(candidate));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<std::string> best;
    for (const auto& entry : found) {
        if (best.size() == 3) break;
        best.push_back(shown(entry.second));
    }
    return best;
}

std::unexpected<Error> unknown_name(git_repository* repository, const std::string& where,
                                    const std::string& name) {
    std::string what = "no tag, branch or commit of this name in the clone";
    const std::vector<std::string> similar = similar_names(repository, name);
    if (!similar.empty())
        what += fmt::format("; did you mean {}?", fmt::join(similar, " or "));
    else if (git_repository_is_shallow(repository) == 1)
        what += "; the clone is shallow: run `git fetch --unshallow --tags` in it";
    else
        what += "; `git fetch --tags` in the clone may bring it";
    return wrong_request(where, what);
}

struct PrefixSearch {
    git_repository* repository;
    git_oid prefix;
    std::size_t digits;
    std::vector<CommitId> found;
};

int keep_matching(const git_oid* oid, void* payload) {
    auto& search = *static_cast<PrefixSearch*>(payload);
    if (git_oid_ncmp(oid, &search.prefix, search.digits) != 0) return 0;
    git_object* object = nullptr;
    if (git_object_lookup(&object, search.repository, oid, GIT_OBJECT_ANY) < 0) return 0;
    const ObjectHandle owner(object);
    const std::optional<CommitId> commit = peeled(object);
    // A tag and its commit may share the prefix; an object may be in two packs.
    if (commit &&
        std::find(search.found.begin(), search.found.end(), *commit) == search.found.end())
        search.found.push_back(*commit);
    return search.found.size() >= most_candidates ? 1 : 0;
}

Result<std::vector<CommitId>> search_prefix(git_repository* repository, const std::string& prefix) {
    git_odb* opened = nullptr;
    if (git_repository_odb(&opened, repository) < 0)
        return infrastructure("repository", "no object store: " + last_error());
    const OdbHandle odb(opened);
    PrefixSearch search{repository, {}, prefix.size(), {}};
    if (git_oid_fromstrn(&search.prefix, prefix.data(), prefix.size()) < 0)
        return std::vector<CommitId>();
    const int status = git_odb_foreach(odb.get(), keep_matching, &search);
    if (status < 0) return infrastructure("repository", "cannot list objects: " + last_error());
    std::sort(search.found.begin(), search.found.end());
    return std::move(search.found);
}

/// A short id that several objects share; as git does, only commits are meant.
Result<CommitId> resolve_ambiguous(git_repository* repository, const std::string& where,
                                   const std::string& name) {
    const std::string prefix = lower(name);
    if (!is_hex(prefix)) return wrong_request(where, "ambiguous: write the full id");
    const Result<std::vector<CommitId>> candidates = search_prefix(repository, prefix);
    if (!candidates) return std::unexpected(candidates.error());
    if (candidates->size() == 1) return candidates->front();
    if (candidates->empty()) return wrong_request(where, "no commit has an id that starts so");
    std::vector<std::string> ids;
    for (const CommitId& id : *candidates) ids.push_back(id.hex());
    return wrong_request(where, fmt::format("ambiguous short id: it may mean {}; write more digits",
                                            fmt::join(ids, " or ")));
}

/// Errors: nothing when there is no such reference, or when it points to no commit.
std::optional<CommitId> commit_of_reference(git_repository* repository, const std::string& name) {
    git_oid oid;
    if (git_reference_name_to_id(&oid, repository, name.c_str()) < 0) return std::nullopt;
    git_object* found = nullptr;
    if (git_object_lookup(&found, repository, &oid, GIT_OBJECT_ANY) < 0) return std::nullopt;
    const ObjectHandle object(found);
    return peeled(object.get());
}

/// Git takes the tag and only warns of the branch; a search of hours should not rest on that.
std::optional<std::string> tag_and_branch(git_repository* repository, const std::string& name) {
    const std::string plain = name.substr(0, std::min(name.find_first_of("^~:"), name.find("@{")));
    // What git looks for before tags and branches: HEAD, tags/x, heads/x.
    for (const std::string& first : {plain, "refs/" + plain})
        if (commit_of_reference(repository, first)) return std::nullopt;
    const auto tag = commit_of_reference(repository, "refs/tags/" + plain);
    const auto branch = commit_of_reference(repository, "refs/heads/" + plain);
    if (!tag || !branch || *tag == *branch) return std::nullopt;
    return fmt::format(
        "a tag of this name points to {}, a branch to {}; write refs/tags/{} or refs/heads/{}",
        tag->brief(), branch->brief(), shown(name), shown(name));
}

std::optional<std::string> fault_of(const std::string& name) {
    if (name.empty()) return "the name is empty";
    if (name.size() > longest_name) return fmt::format("longer than {} bytes", longest_name);
    if (name.front() == '-')
        return "starts with '-': an option is no name of a commit; write the full id or "
               "`refs/heads/...`";
    for (char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return "has a control character in it; no name in git does";
    // Such a search goes through the whole history, with an expression that may take for ever.
    if (name.starts_with(":/") || name.find("^{/") != std::string::npos)
        return "searches messages: give the tag, branch or id of the commit that is meant";
    if (name.find("..") != std::string::npos)
        return "is a range: give one commit for each end (--good A --bad B)";
    return std::nullopt;
}

Result<CommitId> resolve_in(git_repository* repository, const std::string& role,
                            const std::string& name) {
    const std::string where = fmt::format("{}'{}'", role, shown(name));
    if (const auto fault = fault_of(name)) return wrong_request(where, *fault);
    git_object* found = nullptr;
    const int status = git_revparse_single(&found, repository, name.c_str());
    const ObjectHandle object(found);
    if (status == GIT_EAMBIGUOUS) return resolve_ambiguous(repository, where, name);
    if (status == GIT_ENOTFOUND) return unknown_name(repository, where, name);
    if (status == GIT_EINVALIDSPEC)
        return wrong_request(where, "not a way to name a commit: give a tag, a branch or an id");
    if (status < 0)
        return wrong_request(where, fmt::format("cannot be resolved: {}", last_error()));
    if (const auto twofold = tag_and_branch(repository, name))
        return wrong_request(where, *twofold);
    if (const auto commit = peeled(object.get())) return *commit;
    return wrong_request(where, fmt::format("is a {}, not a commit",
                                            git_object_type2string(git_object_type(object.get()))));
}

}  // namespace

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

Result<CommitId> resolve_name(const std::string& repository, const std::string& name) {
    const Result<RepositoryHandle> opened = open_repository(repository);
    if (!opened) return std::unexpected(opened.error());
    return resolve_in(opened->get(), "", name);
}

Result<Ends> resolve_ends(const std::string& repository, const std::string& bad,
                          const std::vector<std::string>& good) {
    const Result<RepositoryHandle> opened = open_repository(repository);
    if (!opened) return std::unexpected(opened.error());
    if (good.empty()) return wrong_request("good", "missing: name at least one good commit");
    if (good.size() > most_good_ends)
        return wrong_request("good", fmt::format("more than {} good commits", most_good_ends));
    Result<CommitId> bad_id = resolve_in(opened->get(), "bad ", bad);
    if (!bad_id) return std::unexpected(bad_id.error());
    Ends ends{*bad_id, {}};
    for (const std::string& name : good) {
        const Result<CommitId> id = resolve_in(opened->get(), "good ", name);
        if (!id) return std::unexpected(id.error());
        if (*id == ends.bad)
            return wrong_request(
                fmt::format("good '{}', bad '{}'", shown(name), shown(bad)),
                fmt::format("both are commit {}: name a commit where it still worked as good",
                            id->brief()));
        if (std::find(ends.good.begin(), ends.good.end(), *id) == ends.good.end())
            ends.good.push_back(*id);
    }
    return ends;
}

Result<std::vector<CommitId>> commits_with_prefix(const std::string& repository,
                                                  const std::string& prefix) {
    const Result<RepositoryHandle> opened = open_repository(repository);
    if (!opened) return std::unexpected(opened.error());
    git_oid oid;
    git_object* found = nullptr;
    if (!is_hex(prefix) || prefix.size() > GIT_OID_HEXSZ ||
        git_oid_fromstrn(&oid, prefix.data(), prefix.size()) < 0)
        return std::vector<CommitId>();
    const int status =
        git_object_lookup_prefix(&found, opened->get(), &oid, prefix.size(), GIT_OBJECT_ANY);
    const ObjectHandle object(found);
    if (status == GIT_EAMBIGUOUS) return search_prefix(opened->get(), prefix);
    if (status == GIT_ENOTFOUND) return std::vector<CommitId>();
    if (status < 0) return infrastructure("repository", "cannot look up: " + last_error());
    const std::optional<CommitId> commit = peeled(object.get());
    return commit ? std::vector{*commit} : std::vector<CommitId>();
}

}  // namespace bisectd::git
