// Run by hand: BISECTD_LINUX=/path/to/clone BISECTD_SOURCES=/artefacts/KEY/files/sources
//     BISECTD_RANGES="good..bad good..bad" test_git "[.full]"
#include <chrono>
#include <cstdlib>
#include <sstream>

#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;

TEST_CASE("unlikely commits of a real kernel's range are counted", "[.full][adapters][git]") {
    const char* clone = std::getenv("BISECTD_LINUX");
    const char* sources = std::getenv("BISECTD_SOURCES");
    const char* ranges = std::getenv("BISECTD_RANGES");
    REQUIRE(clone != nullptr);
    REQUIRE(sources != nullptr);
    REQUIRE(ranges != nullptr);
    std::ifstream file(sources);
    const std::string listing{std::istreambuf_iterator<char>(file), {}};
    const auto inputs = std::make_shared<const BuildInputs>(BuildInputs::parse(listing));
    Lab lab;
    std::istringstream words(ranges);
    for (std::string range; words >> range;) {
        StartRequest request;
        request.repository = clone;
        request.good = {range.substr(0, range.find(".."))};
        request.bad = range.substr(range.find("..") + 2);
        const auto resolved = finish(lab.repository.resolve(request));
        REQUIRE(resolved);
        const auto start = std::chrono::steady_clock::now();
        const auto found = finish(lab.repository.unlikely(clone, resolved->history, inputs, false));
        REQUIRE(found);
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        std::string list;
        if (found->size() < 50)
            for (const CommitId& id : *found)
                list += git_in(clone, "log --no-walk --format=%h:%s " + id.hex()) + "\n";
        WARN(range << ": " << found->size() << " of " << resolved->history->size()
                   << " commits are unlikely, " << inputs->size() << " files read, " << time.count()
                   << " s\n"
                   << list);
    }
}
