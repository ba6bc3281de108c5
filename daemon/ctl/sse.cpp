#include "ctl/sse.hpp"

namespace bisectd::ctl {
namespace {

// The largest body that the journal takes is 16 MiB.
constexpr std::size_t longest_frame = 32UL * 1024 * 1024;

}  // namespace

bool SseParser::feed(std::string_view bytes) {
    for (const char c : bytes) {
        if (c == '\n') {
            if (!line_.empty() && line_.back() == '\r') line_.pop_back();
            take_line(line_);
            line_.clear();
        } else {
            line_ += c;
        }
        if (line_.size() + open_.data.size() > longest_frame) return false;
    }
    return true;
}

void SseParser::take_line(std::string_view line) {
    if (line.empty()) {
        if (!open_.data.empty()) {
            open_.data.pop_back();
            open_.id = last_id_;
            if (open_.kind.empty()) open_.kind = "message";
            events_.push_back(std::move(open_));
        }
        open_ = {};
        return;
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "id")
        last_id_ = value;
    else if (field == "event")
        open_.kind = value;
    else if (field == "data")
        open_.data += std::string(value) + "\n";
}

std::optional<ServerEvent> SseParser::next() {
    if (events_.empty()) return std::nullopt;
    ServerEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

}  // namespace bisectd::ctl
