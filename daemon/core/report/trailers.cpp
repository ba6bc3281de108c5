#include "core/report/trailers.hpp"

#include <algorithm>

namespace bisectd {
namespace {

/// No message of a person has more tags; who writes more does so to be read by many.
constexpr std::size_t most_trailers = 100;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool is_key(std::string_view key) {
    const bool plain = std::ranges::all_of(
        key, [](char c) { return c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    return plain && (key.ends_with("-by") || key == "cc" || key == "fixes" || key == "link");
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        lines.push_back(line);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

/// The place of the first line of the last two paragraphs; never the subject.
std::size_t begin_of_the_end(const std::vector<std::string_view>& lines) {
    std::size_t borders = 0;
    bool in_text = false;
    for (std::size_t at = lines.size(); at > 1; --at) {
        const bool empty = lines[at - 1].empty();
        if (empty && in_text && ++borders == 2) return at;
        in_text = !empty;
    }
    return std::min<std::size_t>(1, lines.size());
}

}  // namespace

std::vector<Trailer> trailers_of(std::string_view message) {
    const std::vector<std::string_view> lines = lines_of(message);
    std::vector<Trailer> trailers;
    for (std::size_t at = begin_of_the_end(lines); at < lines.size(); ++at) {
        const std::size_t colon = lines[at].find(':');
        if (colon == std::string_view::npos) continue;
        std::string key = lower(lines[at].substr(0, colon));
        if (!is_key(key)) continue;
        std::string_view value = lines[at].substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
            value.remove_prefix(1);
        trailers.push_back({std::move(key), std::string(value)});
        if (trailers.size() == most_trailers) break;
    }
    return trailers;
}

}  // namespace bisectd
