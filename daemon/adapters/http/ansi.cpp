#include "adapters/http/ansi.hpp"

#include <fmt/format.h>

#include <charconv>

#include "adapters/http/html.hpp"

namespace bisectd::http {
namespace {

constexpr char escape = '\x1b';

/// What the escapes so far asked for; the 16 colours that have a class in style.css.
struct Looks {
    int colour = -1, background = -1;
    bool bold = false, dim = false, underlined = false;

    std::string classes() const {
        std::string out;
        if (colour >= 0) out += fmt::format("c{} ", colour);
        if (background >= 0) out += fmt::format("g{} ", background);
        if (bold) out += "bold ";
        if (dim) out += "dim ";
        if (underlined) out += "under ";
        if (!out.empty()) out.pop_back();
        return out;
    }
    void set(int code) {
        if (code == 0) *this = {};
        if (code == 1) bold = true;
        if (code == 2) dim = true;
        if (code == 4) underlined = true;
        if (code == 22) bold = dim = false;
        if (code == 24) underlined = false;
        if (code >= 30 && code <= 37) colour = code - 30;
        if (code == 39) colour = -1;
        if (code >= 40 && code <= 47) background = code - 40;
        if (code == 49) background = -1;
        if (code >= 90 && code <= 97) colour = code - 90 + 8;
        if (code >= 100 && code <= 107) background = code - 100 + 8;
    }
    /// "1;31". Colours by number or by red, green and blue are shown plain.
    void set_all(std::string_view codes) {
        if (codes.empty()) return set(0);
        while (!codes.empty()) {
            const std::string_view one = codes.substr(0, codes.find(';'));
            codes.remove_prefix(std::min(codes.size(), one.size() + 1));
            int code = 0;
            std::from_chars(one.data(), one.data() + one.size(), code);
            if (code == 38 || code == 48) return;
            set(code);
        }
    }
};

/// How long the escape at the beginning of `text` is. Source: ECMA-48, 5.4; OSC ends at BEL or ST.
std::size_t escape_length(std::string_view text) {
    if (text.size() < 2) return text.size();
    if (text[1] == '[') {
        std::size_t at = 2;
        while (at < text.size() && (text[at] < 0x40 || text[at] > 0x7e)) ++at;
        return std::min(at + 1, text.size());
    }
    if (text[1] == ']') {
        for (std::size_t at = 2; at < text.size(); ++at) {
            if (text[at] == '\a') return at + 1;
            if (text[at] == escape) return std::min(at + 2, text.size());
        }
        return text.size();
    }
    return 2;
}

std::string dressed(const Looks& looks, std::string_view text) {
    if (text.empty()) return "";
    const std::string classes = looks.classes();
    if (classes.empty()) return escaped(text);
    return fmt::format("<span class=\"{}\">{}</span>", classes, escaped(text));
}

}  // namespace

std::string ansi_html(std::string_view line) {
    while (line.ends_with('\r')) line.remove_suffix(1);
    Looks looks;
    std::string out;
    while (!line.empty()) {
        const std::size_t at = line.find(escape);
        out += dressed(looks, line.substr(0, at));
        if (at == std::string_view::npos) break;
        line.remove_prefix(at);
        const std::size_t length = escape_length(line);
        const std::string_view whole = line.substr(0, length);
        if (whole.size() >= 3 && whole[1] == '[' && whole.back() == 'm')
            looks.set_all(whole.substr(2, whole.size() - 3));
        line.remove_prefix(length);
    }
    return out;
}

}  // namespace bisectd::http
