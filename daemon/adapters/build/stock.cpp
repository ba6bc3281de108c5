#include "adapters/build/stock.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "adapters/build/file_access.hpp"
#include "adapters/build/manifest.hpp"
#include "adapters/process/process.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t statistics_limit_bytes = 64UL * 1024;

std::int64_t ms_utc(fs::file_time_type time) {
    const auto system = std::chrono::file_clock::to_sys(time);
    return std::chrono::duration_cast<std::chrono::milliseconds>(system.time_since_epoch()).count();
}

/// The value of a line "NAME<tab>NUMBER".
std::uint64_t statistic(std::string_view text, std::string_view name) {
    const std::string line = "\n" + std::string(name) + "\t";
    const std::size_t at = text.find(line);
    if (at == std::string_view::npos) return 0;
    const std::string_view rest = text.substr(at + line.size());
    std::uint64_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

}  // namespace

Result<Stock> stored_artefacts(const Place& place) {
    Stock stock;
    stock.limit_bytes = place.options.storage.artefacts_bytes;
    std::error_code failed;
    if (!fs::exists(place.artefacts(), failed)) return stock;
    for (fs::directory_iterator at(place.artefacts(), failed), end; !failed && at != end;
         at.increment(failed)) {
        auto text = read_file(at->path().string() + "/manifest.json", manifest_limit_bytes);
        const auto artefact = text ? read_manifest(*text) : std::nullopt;
        if (!artefact || artefact->key != at->path().filename()) continue;
        StoredArtefact one{artefact->key, artefact->commit, artefact->release, 0, 0};
        for (const ArtefactFile& file : artefact->files) one.bytes += file.bytes;
        std::error_code unknown;
        const auto used = fs::last_write_time(at->path(), unknown);
        if (!unknown) one.used_ms_utc = ms_utc(used);
        stock.bytes += one.bytes;
        stock.artefacts.push_back(std::move(one));
    }
    if (failed) return infrastructure(place.artefacts(), "cannot be read: " + failed.message());
    std::ranges::sort(stock.artefacts, std::greater<>(), &StoredArtefact::used_ms_utc);
    return stock;
}

Task<Result<Stock>> take_stock(Place place) {
    Result<Stock> stock = stored_artefacts(place);
    std::error_code failed;
    if (!stock || !place.options.ccache || !fs::exists(place.ccache(), failed)) co_return stock;
    ProcessSpec spec;
    spec.arguments = {"ccache", "--print-stats"};
    spec.environment["CCACHE_DIR"] = place.ccache();
    auto printed = co_await capture(std::move(spec), statistics_limit_bytes);
    // Without the program nothing is known of the cache, and nothing is wrong with the store.
    if (!printed || !printed->end.ok()) co_return stock;
    const std::string text = "\n" + printed->output;
    stock->cache_hits =
        statistic(text, "direct_cache_hit") + statistic(text, "preprocessed_cache_hit");
    stock->cache_misses = statistic(text, "cache_miss");
    stock->cache_bytes = statistic(text, "cache_size_kibibyte") * 1024;
    co_return stock;
}

}  // namespace bisectd::build
