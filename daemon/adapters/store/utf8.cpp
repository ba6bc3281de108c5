#include "adapters/store/utf8.hpp"

namespace bisectd::store {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Length of the well-formed sequence at `at`; 0 when there is none.
std::size_t sequence_at(std::string_view text, std::size_t at) {
    unsigned char first = byte_at(text, at);
    if (first < 0x80) return 1;
    std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return 0;
    // The second byte's range excludes overlong forms, surrogates and beyond U+10FFFF.
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    unsigned char second = byte_at(text, at + 1);
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
    return length;
}

}  // namespace

std::string valid_utf8(std::string_view text, std::size_t limit) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    constexpr std::string_view cut_mark = " [cut]";
    std::string valid;
    valid.reserve(text.size() < limit ? text.size() : limit);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = sequence_at(text, at);
        std::string_view piece = length == 0 ? replacement : text.substr(at, length);
        if (valid.size() + piece.size() > limit) return valid.append(cut_mark);
        valid += piece;
        at += length == 0 ? 1 : length;
    }
    return valid;
}

}  // namespace bisectd::store
