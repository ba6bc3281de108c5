#include "ctl/artefacts.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/json/text.hpp"

namespace bisectd::ctl {
namespace {

std::string share_of(std::uint64_t part, std::uint64_t whole) {
    return fmt::format("{:.0f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

void print_artefacts(const Json& view, const Terminal& terminal) {
    const auto line = [&terminal](std::string_view name, const std::string& text) {
        terminal.out << terminal.paint(Colour::soft, padded(name, 16)) << text << '\n';
    };
    const Json& stock = part_of(view, "stock");
    const std::vector<const Json*> artefacts = list_of(stock, "artefacts");
    line("store", fmt::format("{}, {} of {}", count_of(artefacts.size(), "artefact"),
                              size_text(number_of(stock, "bytes")),
                              size_text(number_of(stock, "limit_bytes"))));
    const std::uint64_t built = number_of(view, "builds"), reused = number_of(view, "reuses");
    if (built + reused > 0)
        line("needed", fmt::format("{}, {} already there", count_of(built + reused, "time"),
                                   share_of(reused, built + reused)));
    if (built > 0) line("building took", duration_text(seconds_of(view, "build_seconds")));
    const std::uint64_t hits = number_of(stock, "cache_hits");
    const std::uint64_t compiled = hits + number_of(stock, "cache_misses");
    if (compiled > 0)
        line("compiler cache", fmt::format("{} of {} were there, {}", share_of(hits, compiled),
                                           count_of(compiled, "compilation"),
                                           size_text(number_of(stock, "cache_bytes"))));
    if (artefacts.empty()) return;
    terminal.out << '\n'
                 << terminal.paint(Colour::soft,
                                   fmt::format("{:12}  {:12}  {:>9}  {:19}  {}", "artefact",
                                               "commit", "size", "last used (UTC)", "release"))
                 << '\n';
    for (const Json* artefact : artefacts)
        terminal.out << fmt::format(
            "{:12}  {:12}  {:>9}  {:19}  {}\n", brief_of(*artefact, "key"),
            brief_of(*artefact, "commit"), size_text(number_of(*artefact, "bytes")),
            time_text(static_cast<std::int64_t>(number_of(*artefact, "used_ms_utc"))),
            text_of(*artefact, "release"));
}

}  // namespace bisectd::ctl
