#include "core/report/mailbox.hpp"

#include <algorithm>

#include "core/printable.hpp"

namespace bisectd {
namespace {

/// Longest address. Source: RFC 5321, 4.5.3.1.3, without the brackets.
constexpr std::size_t longest_address_bytes = 254;
/// A name of a person; longer ones are no names.
constexpr std::size_t longest_display_name_bytes = 120;
/// Bytes in one encoded word: three characters each, 75 in all. Source: RFC 2047, 2.
constexpr std::size_t encoded_word_bytes = 15;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_address(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || text.size() > longest_address_bytes) return false;
    const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
    // No "-" in front: an address may become an argument of a program.
    return !local.empty() && local.front() != '-' && local.front() != '.' &&
           consists_of(local, ".+-_=") && domain.size() >= 3 &&
           is_letter_or_digit(domain.front()) && is_letter_or_digit(domain.back()) &&
           consists_of(domain, ".-") && domain.find('.') != std::string_view::npos &&
           domain.find("..") == std::string_view::npos;
}

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// At a border of characters, so that no half one is left.
std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
    return text.substr(0, bytes);
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    while (!text.empty()) {
        const std::string_view piece = cut_utf8(text, encoded_word_bytes);
        text.remove_prefix(piece.size());
        // Blanks between two encoded words do not count, so a break costs nothing.
        out += out.empty() ? "=?UTF-8?Q?" : "\n =?UTF-8?Q?";
        for (const char c : piece) {
            const auto byte = static_cast<unsigned char>(c);
            if (is_letter_or_digit(c))
                out += c;
            else if (c == ' ')
                out += '_';
            else
                out += {'=', digits[byte >> 4U], digits[byte & 0xFU]};
        }
        out += "?=";
    }
    return out;
}

std::string quoted_name(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace

std::optional<Mailbox> read_mailbox(std::string_view text) {
    text = text.substr(0, text.find_first_of("\r\n"));
    Mailbox mailbox;
    std::string_view address, name;
    if (const std::size_t open = text.find('<'); open != std::string_view::npos) {
        const std::size_t close = text.find('>', open);
        if (close == std::string_view::npos) return std::nullopt;
        address = text.substr(open + 1, close - open - 1);
        name = without_blanks(text.substr(0, open));
    } else {
        const std::string_view rest = without_blanks(text);
        address = rest.substr(0, rest.find_first_of(" \t#(,;"));
    }
    if (!is_address(address)) return std::nullopt;
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
        name = name.substr(1, name.size() - 2);
    mailbox.address = address;
    const std::string shown = printable(name);
    mailbox.name = cut_utf8(shown, longest_display_name_bytes);
    return mailbox;
}

std::string header_text(const Mailbox& mailbox) {
    if (mailbox.name.empty()) return mailbox.address;
    const std::string name = !is_ascii(mailbox.name)              ? encoded(mailbox.name)
                             : consists_of(mailbox.name, " -'_!") ? mailbox.name
                                                                  : quoted_name(mailbox.name);
    return name + " <" + mailbox.address + ">";
}

std::string header_words(std::string_view text) {
    const std::string line = printable(text);
    // What looks encoded would be decoded: another text would be read than was written.
    const bool plain = is_ascii(line) && line.find("=?") == std::string::npos;
    return plain ? line : encoded(line);
}

}  // namespace bisectd
