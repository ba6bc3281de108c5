#include "orchestration/station.hpp"

namespace bisectd {

Result<Station*> Stations::get(const std::string& name) {
    if (Station* known = find(name)) return known;
    auto spec = catalogue_.board(name);
    if (!spec) return std::unexpected(spec.error());
    auto power = drivers_.power(*spec);
    if (!power) return std::unexpected(power.error());
    auto console = drivers_.console(*spec);
    if (!console) return std::unexpected(console.error());
    if ((*console)->available()) {
        auto started = (*console)->start();
        if (!started) return std::unexpected(started.error());
    }
    auto station = std::make_unique<Station>(std::move(*spec), std::move(*power),
                                             std::move(*console), executor_);
    Station* const raw = station.get();
    stations_.emplace(name, std::move(station));
    return raw;
}

Station* Stations::find(const std::string& name) {
    const auto found = stations_.find(name);
    return found == stations_.end() ? nullptr : found->second.get();
}

}  // namespace bisectd
