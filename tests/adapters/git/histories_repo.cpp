#include "histories_repo.hpp"

#include <fstream>
#include <sstream>

#include "tests/core/random_history.hpp"

namespace bisectd::test {
namespace {

void write_history(std::ostream& stream, const History& shape, unsigned number, unsigned first_mark,
                   std::mt19937& chance, Dates dates) {
    static const char* const files[] = {"a", "b", "d/c"};
    for (CommitIndex i = 0; i < shape.size(); ++i) {
        const bool lies = dates == Dates::lying && chance() % 30 == 0;
        const unsigned date = 1'600'000'000 + i * 60 - (lies ? 86'400 : 0);
        const std::string subject = "h" + std::to_string(number) + " c" + std::to_string(i);
        stream << "commit refs/heads/h" << number << "\nmark :" << first_mark + i
               << "\ncommitter C <c@example.org> " << date << " +0000\ndata " << subject.size()
               << "\n"
               << subject << "\n";
        const auto parents = shape.parents(i);
        if (parents.empty() && i > 0) stream << "from 0000000000000000000000000000000000000000\n";
        for (std::size_t p = 0; p < parents.size(); ++p)
            stream << (p == 0 ? "from :" : "merge :") << first_mark + parents[p] << "\n";
        const bool quiet = parents.size() > 1 ? chance() % 3 != 0 : chance() % 10 == 0;
        // Few contents: histories meet in equal trees, which is what a path limit simplifies.
        if (!quiet)
            stream << "M 100644 inline " << files[chance() % 3] << "\ndata 1\n"
                   << static_cast<char>('0' + chance() % 8) << "\n";
        stream << "\n";
    }
}

}  // namespace

HistoriesRepo::HistoriesRepo(const std::string& folder, const std::string& scratch,
                             std::mt19937& chance, unsigned count, Dates dates) {
    std::ofstream stream(scratch + "/stream");
    unsigned mark = 1;
    std::vector<unsigned> first_marks;
    for (unsigned number = 0; number < count; ++number) {
        const unsigned size = number % 100 == 99 ? 1200 : 2 + chance() % 70;
        histories.push_back({random_history(chance, size), {}});
        first_marks.push_back(mark);
        write_history(stream, histories.back().shape, number, mark, chance, dates);
        mark += size;
    }
    stream.close();
    git_in(folder,
           "fast-import --quiet --export-marks=" + scratch + "/marks < " + scratch + "/stream");
    git_in(folder, "checkout -q h0");
    std::vector<CommitId> by_mark(mark);
    std::ifstream marks(scratch + "/marks");
    for (std::string word, id; marks >> word >> id;)
        by_mark[std::stoul(word.substr(1))] = *CommitId::parse(id);
    for (unsigned number = 0; number < count; ++number) {
        const auto begin = by_mark.begin() + first_marks[number];
        histories[number].ids.assign(begin, begin + histories[number].shape.size());
    }
}

}  // namespace bisectd::test
