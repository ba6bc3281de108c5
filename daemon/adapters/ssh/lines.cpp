#include "adapters/ssh/lines.hpp"

#include <algorithm>

namespace bisectd::ssh {
namespace {
constexpr std::size_t tail_limit_bytes = 4096;
constexpr std::size_t sentence_limit_bytes = 500;
}  // namespace

void Lines::add(std::string_view piece) {
    while (!piece.empty()) {
        const std::size_t end = piece.find('\n');
        keep(piece.substr(0, end));
        if (end == piece.npos) return;
        tell();
        piece.remove_prefix(end + 1);
    }
}

void Lines::end() {
    if (begun_) tell();
}

void Lines::keep(std::string_view part) {
    begun_ = true;
    line_.append(part.substr(0, line_limit_bytes - line_.size()));
}

void Lines::tell() {
    if (sink_) sink_(line_);
    line_.clear();
    begun_ = false;
}

void Tail::add(std::string_view piece) {
    text_.append(piece.substr(piece.size() - std::min(piece.size(), tail_limit_bytes)));
    if (text_.size() > tail_limit_bytes) text_.erase(0, text_.size() - tail_limit_bytes);
}

std::string for_people(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    // The end of what a program says tells most.
    if (text.size() > sentence_limit_bytes) text.remove_prefix(text.size() - sentence_limit_bytes);
    std::string sentence;
    for (const char c : text) {
        const bool control = (c >= 0 && c < ' ') || c == 0x7f;
        sentence += control ? ' ' : c;
    }
    return sentence;
}

}  // namespace bisectd::ssh
