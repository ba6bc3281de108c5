#include "adapters/build/kernel_config.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace bisectd::build {
namespace {

constexpr std::string_view prefix = "CONFIG_";
constexpr std::string_view not_set = " is not set";

std::string_view trimmed(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    return line;
}

std::optional<std::pair<std::string, std::string>> read_line(std::string_view line) {
    line = trimmed(line);
    if (line.starts_with("# ") && line.ends_with(not_set)) {
        const std::string_view name = line.substr(2, line.size() - 2 - not_set.size());
        if (name.starts_with(prefix)) return std::pair{std::string(name), std::string("n")};
    }
    const auto equals = line.find('=');
    if (!line.starts_with(prefix) || equals == std::string_view::npos) return std::nullopt;
    return std::pair{std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))};
}

template <class Visit>
void each_line(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        visit(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

}  // namespace

ConfigValues read_config(std::string_view text) {
    ConfigValues values;
    each_line(text, [&values](std::string_view line) {
        if (auto entry = read_line(line)) values[entry->first] = entry->second;
    });
    return values;
}

std::string merge_config(std::string_view base, const std::vector<std::string>& fragments) {
    ConfigValues over;
    for (const std::string& fragment : fragments)
        for (const auto& [name, value] : read_config(fragment)) over[name] = value;
    std::string merged;
    each_line(base, [&merged, &over](std::string_view line) {
        const auto entry = read_line(line);
        if (entry && over.contains(entry->first)) return;
        merged.append(line);
        merged += '\n';
    });
    for (const auto& [name, value] : over)
        merged += value == "n" ? fmt::format("# {}{}\n", name, not_set)
                               : fmt::format("{}={}\n", name, value);
    return merged;
}

std::vector<std::string> config_drift(const ConfigValues& asked, const ConfigValues& got,
                                      std::size_t limit) {
    std::vector<std::string> drift;
    std::size_t more = 0;
    for (const auto& [name, value] : asked) {
        const auto found = got.find(name);
        if (found == got.end() && value == "n") continue;
        if (found != got.end() && found->second == value) continue;
        if (drift.size() == limit) {
            ++more;
            continue;
        }
        drift.push_back(found == got.end()
                            ? fmt::format("{}: asked {}, vanished", name, value)
                            : fmt::format("{}: asked {}, is {}", name, value, found->second));
    }
    if (more > 0) drift.push_back(fmt::format("and {} more", more));
    return drift;
}

std::vector<std::string> unfulfilled(const std::vector<std::string>& required,
                                     const ConfigValues& got) {
    std::vector<std::string> missing;
    for (const std::string& line : required) {
        const auto wanted = read_line(line);
        if (!wanted) {
            missing.push_back(fmt::format("'{}' is no line of a kernel configuration", line));
            continue;
        }
        const auto found = got.find(wanted->first);
        const std::string is = found == got.end() ? "not there" : found->second;
        if (found == got.end() ? wanted->second == "n" : found->second == wanted->second) continue;
        missing.push_back(fmt::format("required option '{}' is missing: it is {}", line, is));
    }
    return missing;
}

}  // namespace bisectd::build
