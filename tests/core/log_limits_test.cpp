#include "core/log_limits.hpp"

#include <catch2/catch.hpp>

using namespace bisectd;

namespace {

std::vector<BisectionId> evicted(const StorageSpec& limits, std::int64_t now_ms_utc) {
    // Given in another order than they ended in.
    const std::vector<KeptLogs> kept{
        {3, 3'000, 100}, {1, 1'000, 100}, {2, 2'000, 0}, {4, 4'000, 1}};
    std::vector<BisectionId> ids;
    for (const LogsToEvict& one : logs_to_evict(kept, limits, now_ms_utc)) {
        CHECK_FALSE(one.why.empty());
        ids.push_back(one.logs.bisection);
    }
    return ids;
}

using Ids = std::vector<BisectionId>;

}  // namespace

TEST_CASE("log limits: those that ended first go, as many as must", "[core]") {
    StorageSpec limits;
    CHECK(evicted(limits, 10'000).empty());
    limits.logs_bytes = 201;
    CHECK(evicted(limits, 10'000).empty());
    limits.logs_bytes = 200;
    CHECK(evicted(limits, 10'000) == Ids{1});
    limits.logs_bytes = 100;
    CHECK(evicted(limits, 10'000) == Ids{1, 3});
    limits.logs_bytes = 0;
    CHECK(evicted(limits, 10'000) == Ids{1, 3, 4});
}

TEST_CASE("log limits: what ended too long ago goes from a small heap, too", "[core]") {
    StorageSpec limits;
    limits.logs_age = std::chrono::seconds(2);
    CHECK(evicted(limits, 3'000).empty());
    CHECK(evicted(limits, 3'001) == Ids{1});
    CHECK(evicted(limits, 5'500) == Ids{1, 3});
    // A clock that was set back makes nothing old.
    CHECK(evicted(limits, 0).empty());
}
