#include "tests/sim/decisions/git_choice.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/core/random_history.hpp"
#include "tests/sim/decisions/program.hpp"

using namespace bisectd;
using namespace bisectd::simulate;

namespace {

/// A repository whose branch `bad` is a random history on top of one good root commit.
class RealRepository {
  public:
    RealRepository(const History& shape, const std::string& folder) : folder_(folder) {
        std::filesystem::create_directories(folder_);
        std::ofstream stream(folder_ + "/stream");
        const auto commit = [&stream](unsigned mark, const std::vector<unsigned>& parents) {
            stream << "commit refs/heads/bad\nmark :" << mark << "\ncommitter T <t@t> "
                   << 1'600'000'000 + mark * 60 << " +0000\ndata 1\nx\n";
            const char* how = "from";
            for (const unsigned parent : parents) {
                stream << how << " :" << parent << "\n";
                how = "merge";
            }
            stream << "\n";
        };
        stream << "reset refs/heads/bad\n";
        commit(1, {});
        for (CommitIndex i = 0; i < shape.size(); ++i) {
            std::vector<unsigned> parents;
            for (const CommitIndex parent : shape.parents(i)) parents.push_back(parent + 2);
            if (parents.empty()) parents.push_back(1);
            commit(i + 2, parents);
        }
        stream.close();
        run("git init -q -b bad . && git fast-import --quiet --export-marks=marks <stream");
    }
    ~RealRepository() { std::filesystem::remove_all(folder_); }

    std::string run(const std::string& command) const {
        const Result<std::string> output = output_of({"sh", "-c", command}, folder_);
        REQUIRE(output);
        return *output;
    }

    /// The id of each commit by its number in the shape; the good root is the last.
    std::vector<CommitId> ids(std::size_t size) const {
        std::vector<CommitId> ids(size + 1);
        std::ifstream marks(folder_ + "/marks");
        std::string mark, id;
        while (marks >> mark >> id) {
            const unsigned number = static_cast<unsigned>(std::stoul(mark.substr(1)));
            ids[number == 1 ? size : number - 2] = *CommitId::parse(id);
        }
        return ids;
    }

  private:
    std::string folder_;
};

Range with_ids(const History& shape, const std::vector<CommitId>& ids) {
    std::vector<History::Commit> commits;
    for (CommitIndex i = 0; i < shape.size(); ++i)
        commits.push_back({ids[i], {shape.parents(i).begin(), shape.parents(i).end()}, true});
    return Range(History(std::move(commits)));
}

}  // namespace

TEST_CASE("git choice: it goes the way of the real git bisect, skips as well", "[simulate]") {
    std::mt19937 chance(99);
    const std::string folder =
        fmt::format("{}/git-choice-{}", std::filesystem::temp_directory_path().string(), chance());
    for (int round = 0; round < 5; ++round) {
        const History shape = test::random_history(chance, 60);
        const RealRepository git(shape, folder);
        const std::vector<CommitId> ids = git.ids(shape.size());
        const Range range = with_ids(shape, ids);
        const CommitIndex culprit = chance() % range.size();
        const unsigned skips = round % 3 == 0 ? 0 : 2 + chance() % 5;
        GitChoice choice(range);
        git.run(fmt::format("git bisect start --no-checkout {} {}", range.history().id(59).hex(),
                            ids.back().hex()));
        INFO("round " << round << ", culprit " << culprit << ", one in " << skips << " skipped");
        while (const auto commit = choice.next()) {
            const std::string at = git.run("git rev-parse BISECT_HEAD").substr(0, 40);
            REQUIRE(at == range.history().id(*commit).hex());
            // git ends with code 2 where only skipped commits are left.
            if (skips > 0 && chance() % skips == 0) {
                choice.skip(*commit);
                git.run("git bisect skip || test $? = 2");
            } else if (range.has(*commit, culprit)) {
                choice.bad(*commit);
                git.run("git bisect bad || test $? = 2");
            } else {
                choice.good(*commit);
                git.run("git bisect good || test $? = 2");
            }
        }
        const std::string log = git.run("git bisect log");
        const bool alone = count(choice.answer()) == 1;
        CHECK((log.find("# first bad commit: ") != std::string::npos) == alone);
        CHECK((log.find("# only skipped commits left") != std::string::npos) == !alone);
        if (alone) CHECK(contains(choice.answer(), culprit));
    }
}
