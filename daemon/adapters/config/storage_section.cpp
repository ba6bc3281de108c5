#include "adapters/config/storage_section.hpp"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>

#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

/// Most that may be asked to be kept free: who keeps more wants another disk.
constexpr unsigned most_percent = 90;
/// Largest size. Source: a petabyte is more than any disk, and no sum of sizes overflows.
constexpr std::uint64_t largest_size_bytes = 1ULL << 50;
/// Source: a hundred years are as good as never. Unit: days.
constexpr std::uint64_t most_days = 36'500;

std::optional<std::uint64_t> number_before(std::string_view text, char unit) {
    if (text.empty() || text.back() != unit) return std::nullopt;
    text.remove_suffix(1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "500M", "20G" or "1T".
std::optional<std::uint64_t> bytes_of(std::string_view text) {
    constexpr std::pair<char, unsigned> units[] = {{'M', 20}, {'G', 30}, {'T', 40}};
    for (const auto& [unit, shift] : units)
        if (const auto number = number_before(text, unit))
            if (*number <= (largest_size_bytes >> shift)) return *number << shift;
    return std::nullopt;
}

std::uint64_t read_size(const Section& storage, std::string_view key, std::uint64_t otherwise) {
    if (!storage.has(key)) return otherwise;
    const std::string text = storage.text(key);
    if (storage.excused(key)) return otherwise;
    if (const auto bytes = bytes_of(text)) return *bytes;
    storage.refuse(key, fmt::format("'{}' should be a size such as \"20G\" or \"500M\": '{}'", key,
                                    shown(text)));
    return otherwise;
}

void read_keep_free(const Section& storage, StorageSpec& spec) {
    if (!storage.has("keep_free")) return;
    const std::string text = storage.text("keep_free");
    if (storage.excused("keep_free")) return;
    const auto percent = number_before(text, '%');
    if (percent && *percent <= most_percent) {
        spec.keep_free_percent = static_cast<unsigned>(*percent);
        if (*percent == 0) spec.keep_free_bytes = 0;
    } else if (const auto bytes = bytes_of(text)) {
        spec.keep_free_bytes = *bytes;
    } else {
        storage.refuse("keep_free",
                       fmt::format("'keep_free' should be a size such as \"2G\" or a part of the "
                                   "disk such as \"5%\", at most 90%: '{}'",
                                   shown(text)));
    }
}

std::chrono::seconds read_age(const Section& storage, std::string_view key) {
    if (!storage.has(key)) return {};
    const std::string text = storage.text(key);
    if (storage.excused(key) || text == "never") return {};
    const auto days = number_before(text, 'd');
    if (days && *days > 0 && *days <= most_days) return std::chrono::days(*days);
    storage.refuse(key, fmt::format("'{}' should be a number of days such as \"30d\", or "
                                    "\"never\": '{}'",
                                    key, shown(text)));
    return {};
}

}  // namespace

StorageSpec read_storage(const Section& top) {
    StorageSpec spec;
    const Section storage =
        top.section("storage", {"keep_free", "artefacts", "artefacts_age", "logs", "logs_age"});
    read_keep_free(storage, spec);
    spec.artefacts_bytes = read_size(storage, "artefacts", spec.artefacts_bytes);
    spec.artefacts_age = read_age(storage, "artefacts_age");
    spec.logs_bytes = read_size(storage, "logs", spec.logs_bytes);
    spec.logs_age = read_age(storage, "logs_age");
    return spec;
}

}  // namespace bisectd::config
