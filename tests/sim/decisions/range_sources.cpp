#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include "tests/sim/decisions/program.hpp"
#include "tests/sim/decisions/range.hpp"

namespace bisectd::simulate {
namespace {

Result<Range> checked_range(std::vector<History::Commit> commits, const std::string& where) {
    if (commits.empty()) return wrong_request(where, "the range has no commit");
    if (commits.size() > longest_range)
        return wrong_request(where, fmt::format("{} commits; the simulator takes {} at most",
                                                commits.size(), longest_range));
    Range range{History(std::move(commits))};
    if (count(range.all()) != range.size())
        return wrong_request(where, "the last commit does not contain all the others");
    return range;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        if (end > 0) words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

}  // namespace

Result<Range> chain(std::size_t length) {
    std::vector<History::Commit> commits(length);
    for (std::size_t i = 0; i < length; ++i) {
        commits[i].id = *CommitId::parse(fmt::format("{:040x}", i + 1));
        if (i > 0) commits[i].parents = {static_cast<CommitIndex>(i - 1)};
    }
    return checked_range(std::move(commits), "--chain");
}

Result<Range> history_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return wrong_request(path, "cannot be read");
    std::vector<History::Commit> commits;
    for (std::string line; std::getline(file, line);) {
        const std::vector<std::string_view> words = words_of(line);
        const std::string where = fmt::format("{}:{}", path, commits.size() + 1);
        const auto id = CommitId::parse(words.empty() ? "" : words[0]);
        if (!id) return wrong_request(where, "should begin with a full commit id");
        History::Commit commit{.id = *id, .parents = {}};
        for (std::size_t i = 1; i < words.size(); ++i) {
            CommitIndex parent = 0;
            const char* end = words[i].data() + words[i].size();
            const auto [stop, error] = std::from_chars(words[i].data(), end, parent);
            if (error != std::errc{} || stop != end || parent >= commits.size())
                return wrong_request(where, fmt::format("'{}' is no earlier commit", words[i]));
            commit.parents.push_back(parent);
        }
        commits.push_back(std::move(commit));
    }
    return checked_range(std::move(commits), path);
}

Result<Range> repository_range(const std::string& repository, const std::string& range) {
    const Result<std::string> listed =
        output_of({"git", "-C", repository, "rev-list", "--parents", "--topo-order", "--reverse",
                   "--end-of-options", range});
    if (!listed) return std::unexpected(listed.error());
    std::vector<History::Commit> commits;
    std::unordered_map<std::string, CommitIndex> known;
    std::istringstream lines(*listed);
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string_view> words = words_of(line);
        const auto id = CommitId::parse(words.empty() ? "" : words[0]);
        if (!id) return wrong_request("git", fmt::format("'{}' is no commit", line));
        History::Commit commit{.id = *id, .parents = {}};
        for (std::size_t i = 1; i < words.size(); ++i)
            if (const auto parent = known.find(std::string(words[i])); parent != known.end())
                commit.parents.push_back(parent->second);
        known.emplace(id->hex(), static_cast<CommitIndex>(commits.size()));
        commits.push_back(std::move(commit));
    }
    return checked_range(std::move(commits), repository);
}

}  // namespace bisectd::simulate
