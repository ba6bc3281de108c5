// How long a decision takes and what it needs of memory; see README.md.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "core/engine/virtual_world.hpp"

namespace {

using namespace bisectd;
using namespace bisectd::engine;

constexpr CommitIndex long_history = 1'300'000;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "bench_engine: %s\n", why.c_str());
    std::exit(1);
}

CommitId numbered(CommitIndex number) {
    std::string hex = std::to_string(number);
    hex.insert(0, 40 - hex.size(), '0');
    return *CommitId::parse(hex);
}

/// Lines of `<commit id> <index of parent>...`, parents first.
History read_history(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) give_up(file + ": cannot be read");
    std::vector<History::Commit> commits;
    for (std::string line, id; std::getline(stream, line);) {
        std::istringstream words(line);
        words >> id;
        History::Commit commit{numbered(static_cast<CommitIndex>(commits.size())), {}, true};
        for (CommitIndex parent = 0; words >> parent;) commit.parents.push_back(parent);
        commits.push_back(std::move(commit));
    }
    return History(std::move(commits));
}

/// As many commits as Linux has, one merge of a topic branch in twelve.
History invent_history(Chance chance) {
    std::vector<History::Commit> commits;
    commits.reserve(long_history);
    CommitIndex tip = 0;
    while (commits.size() < long_history) {
        const auto next = static_cast<CommitIndex>(commits.size());
        if (next < 2) {
            commits.push_back({numbered(next), {}, true});
            if (next == 1) commits.back().parents = {0};
        } else if (chance.next() < 1.0 / 12) {
            // The branch is everything since `tip`; the merge joins both.
            commits.push_back({numbered(next), {tip, next - 1}, true});
            if (tip == next - 1) commits.back().parents = {tip};
            tip = next;
        } else {
            const bool branches = chance.next() < 0.1;
            commits.push_back({numbered(next), {branches ? tip : next - 1}, true});
        }
    }
    // The last commit joins every tip.
    std::vector<bool> has_child(commits.size(), false);
    for (const History::Commit& commit : commits)
        for (CommitIndex parent : commit.parents) has_child[parent] = true;
    History::Commit& last = commits.back();
    last.parents.clear();
    for (CommitIndex i = 0; i + 1 < commits.size(); ++i)
        if (!has_child[i] || i + 2 == commits.size()) last.parents.push_back(i);
    return History(std::move(commits));
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

/// The most memory that the process has had so far.
double most_memory_mb() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) give_up("getrusage");
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void measure(const std::string& name, const History& history, unsigned times) {
    const double before_mb = most_memory_mb();
    const double prepare = median_ms(1, [&] { Ancestry unused(history); });
    const Ancestry ancestry(history);
    Question question;
    question.columns.resize(1);
    question.boards.resize(1);
    question.boards[0].columns = {0};
    const CommitIndex last = history.size() - 1;
    question.columns[0].showings = {{{last, false}, 27, 8}};
    question.costs.built = {last};
    const double first = median_ms(times, [&] { advise(ancestry, question); });
    const CommitIndex culprit = history.size() / 3;
    unsigned steps = 0;
    double worst = 0;
    for (Advice advice = advise(ancestry, question);
         advice.standings[0].kind == Standing::Kind::open && steps < 60; ++steps) {
        const Order order = advice.orders.at(0);
        const bool bad = !order.at.outside && ancestry.is_ancestor(culprit, order.at.index);
        const std::uint64_t runs = bad ? 27 : std::max<std::uint64_t>(order.runs[0], 12);
        question.columns[0].showings.push_back({order.at, runs, bad ? 8U : 0U});
        if (!order.at.outside) question.costs.built.push_back(order.at.index);
        worst = std::max(worst, median_ms(1, [&] { advice = advise(ancestry, question); }));
    }
    const double whole_mb = most_memory_mb() - before_mb;
    question.columns[0].showings.assign(1000, {{last, false}, 27, 8});
    for (CommitIndex i = 0; i < 500; ++i)
        question.columns[0].showings[i].at.index = (i % 40 + 1) * (last / 41);
    const double many = median_ms(std::min(times, 3U), [&] { advise(ancestry, question); });
    std::printf("%-20s %8u %10.1f %10.2f %10.2f %6u %10.2f %8.0f\n", name.c_str(), history.size(),
                prepare, first, worst, steps, many, whole_mb);
}

}  // namespace

int main(int count, char** arguments) {
    std::printf("%-20s %8s %10s %10s %10s %6s %10s %8s\n", "history", "commits", "prepare ms",
                "first ms", "worst ms", "boots", "1000 ms", "MB");
    for (int i = 1; i < count; ++i) {
        const std::string file = arguments[i];
        measure(file.substr(file.rfind('/') + 1), read_history(file), 9);
    }
    measure("invented", invent_history(Chance(1)), 3);
    return 0;
}
