#include <string>

#include "core/agent_protocol.hpp"

namespace bisectd {
namespace {

bool is_clean(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || std::string_view("._:/+-").contains(c);
}

/// -1: no hex digit.
int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void add_line(std::string& text, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    text.append(key).append("=").append(percent_encode(value)).append("\n");
}

}  // namespace

std::string percent_encode(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    text.reserve(value.size());
    for (const char c : value) {
        if (is_clean(c)) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text += '%';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<std::string> percent_decode(std::string_view text, std::size_t limit) {
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (value.size() == limit) return std::nullopt;
        const char c = text[i];
        if (c <= ' ' || c >= 0x7f) return std::nullopt;
        if (c != '%') {
            value += c;
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        value += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return value;
}

bool is_job_id(std::string_view id) {
    if (id.empty() || id.size() > 128 || id.front() == '.') return false;
    for (const char c : id)
        if (!is_clean(c) || c == '/') return false;
    return true;
}

std::string encode_job(const AgentJob& job) {
    std::string exits;
    for (const int code : job.stop_exits)
        exits += (exits.empty() ? "" : " ") + std::to_string(code);
    std::string text;
    add_line(text, "id", job.id);
    add_line(text, "command", job.command);
    add_line(text, "runs", std::to_string(job.runs));
    add_line(text, "seconds", std::to_string(job.seconds));
    add_line(text, "run_deadline_s", std::to_string(job.run_deadline_s));
    add_line(text, "stop_exits", exits);
    add_line(text, "stop_at_first_hit", job.stop_at_first_hit ? "1" : "0");
    add_line(text, "stop_on_oops", job.stop_on_oops ? "1" : "0");
    add_line(text, "good_pattern", job.good_pattern);
    add_line(text, "bad_pattern", job.bad_pattern);
    add_line(text, "kernel_log_pattern", job.kernel_log_pattern);
    for (const std::string& command : job.preconditions) add_line(text, "precondition", command);
    return text;
}

std::string shell_quote(std::string_view text) {
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'') {
            word += "'\\''";
        } else {
            word += c;
        }
    }
    return word += '\'';
}

}  // namespace bisectd
