// How much faster all weights of a range are than `git rev-list --bisect-all`; see README.md.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/git/commit_graph.hpp"
#include "core/suspects.hpp"
#include "core/weights.hpp"

namespace {

using namespace bisectd;
using Parents = std::vector<std::vector<unsigned>>;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "bench_weights: %s\n", why.c_str());
    std::exit(1);
}

/// Lines of `<commit id> <index of parent>...`, parents first.
Parents read_history(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) give_up(file + ": cannot be read");
    Parents parents;
    for (std::string line, id; std::getline(stream, line);) {
        std::istringstream words(line);
        words >> id;
        parents.emplace_back();
        for (unsigned parent = 0; words >> parent;) {
            if (parent + 1 >= parents.size())
                give_up(file + ": parents must stand before children");
            parents.back().push_back(parent);
        }
    }
    return parents;
}

std::string output_of(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) give_up("cannot run " + command);
    std::string output;
    std::array<char, 65536> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        output.append(buffer.data(), n);
    if (::pclose(pipe) != 0) give_up("failed: " + command);
    return output;
}

/// A bare repository with this history (empty trees) and a commit-graph.
void make_repository(const std::string& folder, const Parents& parents) {
    output_of("git init -q --bare '" + folder + "'");
    std::ofstream stream(folder + "/stream");
    for (std::size_t i = 0; i < parents.size(); ++i) {
        stream << "commit refs/heads/tip\nmark :" << i + 1 << "\ncommitter C <c@example.org> "
               << 1'500'000'000 + i * 60 << " +0000\ndata 1\nx\n";
        if (parents[i].empty() && i > 0)
            stream << "from 0000000000000000000000000000000000000000\n";
        for (std::size_t p = 0; p < parents[i].size(); ++p)
            stream << (p == 0 ? "from :" : "merge :") << parents[i][p] + 1 << "\n";
        stream << "\n";
    }
    stream.close();
    output_of("git -C '" + folder + "' fast-import --quiet < '" + folder + "/stream'");
    output_of("git -C '" + folder + "' commit-graph write --reachable --no-progress 2>&1");
}

/// Unit: milliseconds. The median of `times` calls.
double median_ms(unsigned times, const std::function<void()>& work) {
    std::vector<double> took;
    for (unsigned i = 0; i < times; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> span =
            std::chrono::steady_clock::now() - begin;
        took.push_back(span.count());
    }
    std::sort(took.begin(), took.end());
    return took[took.size() / 2];
}

/// Ends the program when a commit's distance differs from what git says.
void compare(const History& history, const std::vector<std::uint32_t>& weight,
             const std::string& listing) {
    std::istringstream lines(listing);
    std::size_t seen = 0;
    for (std::string line; std::getline(lines, line); ++seen) {
        const auto commit = history.find(*CommitId::parse(line.substr(0, 40)));
        const std::size_t at = line.find("dist=");
        if (!commit || at == std::string::npos) give_up("git lists what we do not: " + line);
        const std::uint32_t w = weight[*commit];
        if (std::min(w, history.size() - w) != std::stoul(line.substr(at + 5)))
            give_up("another distance than git's: " + line);
    }
    if (seen != history.size()) give_up("git lists fewer commits");
}

void measure(const std::string& file, const std::string& folder) {
    const Parents parents = read_history(file);
    make_repository(folder, parents);
    const std::string git = "git -C '" + folder + "' ";
    const auto tip = CommitId::parse(output_of(git + "rev-parse tip").substr(0, 40));
    const auto graph = git::CommitGraph::open(folder + "/objects/info/commit-graph");
    if (!tip || !graph) give_up("git wrote no commit-graph");

    std::string listing;
    const double by_git =
        median_ms(3, [&] { listing = output_of(git + "rev-list --bisect-all tip"); });
    History history;
    const double extract =
        median_ms(9, [&] { history = History(*git::range_of(*graph, *tip, {}, false)); });
    const std::vector<bool> all(history.size(), true);
    std::vector<std::uint32_t> weight;
    const double by_us = median_ms(9, [&] { weight = weights(history, all); });
    compare(history, weight, listing);
    const auto merges = std::count_if(parents.begin(), parents.end(),
                                      [](const auto& list) { return list.size() > 1; });
    std::printf("%-24s %8zu %7ld %10.1f %10.2f %10.3f %8.0f %8.0f\n",
                std::filesystem::path(file).filename().c_str(), parents.size(),
                static_cast<long>(merges), by_git, extract, by_us, by_git / by_us,
                by_git / (extract + by_us));
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) give_up("usage: bench_weights HISTORY...");
    std::string folder = (std::filesystem::temp_directory_path() / "bisectd-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) give_up("no temporary folder");
    std::printf("%-24s %8s %7s %10s %10s %10s %8s %8s\n", "history", "commits", "merges", "git ms",
                "extract ms", "weights ms", "ratio", "with ex.");
    for (int i = 1; i < count; ++i) measure(arguments[i], folder + "/" + std::to_string(i));
    std::filesystem::remove_all(folder);
    return 0;
}
