#include "orchestration/station.hpp"

namespace bisectd {
namespace {

Result<void> start(Console& console) {
    if (!console.available()) return {};
    return console.start();
}

}  // namespace

Result<Stations::Drivers> Stations::make_drivers(const BoardSpec& spec) {
    auto power = drivers_.power(spec);
    if (!power) return std::unexpected(power.error());
    auto console = drivers_.console(spec);
    if (!console) return std::unexpected(console.error());
    return Drivers{std::move(*power), std::move(*console)};
}

Result<Station*> Stations::get(const std::string& name) {
    if (Station* known = find(name)) return known;
    auto spec = catalogue_.board(name);
    if (!spec) return std::unexpected(spec.error());
    auto made = make_drivers(*spec);
    if (!made) return std::unexpected(made.error());
    if (auto started = start(*made->console); !started) return std::unexpected(started.error());
    auto station = std::make_unique<Station>(std::move(*spec), std::move(made->power),
                                             std::move(made->console), executor_);
    Station* const raw = station.get();
    stations_.emplace(name, std::move(station));
    return raw;
}

Result<void> Stations::refresh(Station& station) {
    auto spec = catalogue_.board(station.spec.name);
    if (!spec) return std::unexpected(spec.error());
    if (*spec == station.spec) return {};
    if (spec->power == station.spec.power && spec->console == station.spec.console &&
        spec->virtual_board == station.spec.virtual_board) {
        station.spec = std::move(*spec);
        return {};
    }
    auto made = make_drivers(*spec);
    if (!made) return std::unexpected(made.error());
    station.spec = std::move(*spec);
    station.power = std::move(made->power);
    station.console = std::move(made->console);  // the old capture ends before the new one starts
    return start(*station.console);
}

Station* Stations::find(const std::string& name) {
    const auto found = stations_.find(name);
    return found == stations_.end() ? nullptr : found->second.get();
}

}  // namespace bisectd
