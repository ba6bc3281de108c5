#include "adapters/config/checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <system_error>

#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool only(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [others](char c) {
        return is_digit(c) || is_letter(c) || others.find(c) != std::string_view::npos;
    });
}

bool has_dot_dot(std::string_view path) {
    for (const auto& part : std::filesystem::path(path))
        if (part == "..") return true;
    return false;
}

/// The bytes of a base64 text without line breaks; empty when it is none.
std::string from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return {};
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : text) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<std::uint32_t>(c - 'a') + 26;
        else if (is_digit(c))
            value = static_cast<std::uint32_t>(c - '0') + 52;
        else if (c == '+' || c == '/')
            value = c == '+' ? 62 : 63;
        else
            return {};
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    return bytes;
}

}  // namespace

std::string name_problem(std::string_view name) {
    bool good = !name.empty() && name.size() <= 64 && (is_digit(name[0]) || is_letter(name[0])) &&
                only(name, "._-");
    if (good) return {};
    return fmt::format(
        "'{}' is no good name: use at most 64 letters, digits, '.', '_' and '-', "
        "the first a letter or digit",
        shown(name));
}

std::string relative_path_problem(std::string_view path) {
    if (path.starts_with('/')) return fmt::format("should be a relative path: '{}'", shown(path));
    if (has_dot_dot(path)) return fmt::format("leaves its folder: '{}'", shown(path));
    bool odd = std::any_of(path.begin(), path.end(), [](char c) { return c >= 0 && c < ' '; });
    if (odd || path.size() > 1000 || path.starts_with('-'))
        return fmt::format("is no good path: '{}'", shown(path));
    return {};
}

std::string file_in_folder_problem(const std::string& folder, const std::string& path) {
    std::string form = relative_path_problem(path);
    if (!form.empty()) return form;
    std::error_code code;
    std::filesystem::path root = std::filesystem::canonical(folder, code);
    if (code) return fmt::format("cannot be looked for: {}: {}", folder, code.message());
    std::filesystem::path file = std::filesystem::canonical(root / path, code);
    if (code) return fmt::format("names a file that is not in the folder: '{}'", shown(path));
    auto [end, ignored] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    if (end != root.end())
        return fmt::format("leaves its folder through a symbolic link: '{}'", shown(path));
    if (!std::filesystem::is_regular_file(file, code))
        return fmt::format("names something that is no regular file: '{}'", shown(path));
    return {};
}

std::string board_path_problem(std::string_view path) {
    if (!path.starts_with('/'))
        return fmt::format("should be an absolute path on the board: '{}'", shown(path));
    if (has_dot_dot(path) || !only(path, "._-+{}/") || path.size() < 2)
        return fmt::format("is no good path on the board: '{}'; use letters, digits and ._-+/",
                           shown(path));
    return {};
}

std::string host_problem(std::string_view host) {
    bool good =
        !host.empty() && host.size() <= 255 && !host.starts_with('-') && only(host, "._-:%");
    return good ? "" : fmt::format("is no host name or address: '{}'", shown(host));
}

std::string host_and_port_problem(std::string_view address) {
    std::size_t colon = address.rfind(':');
    int port = 0;
    if (colon != std::string_view::npos) {
        std::string_view digits = address.substr(colon + 1);
        const char* begin = std::to_address(digits.begin());
        const char* end = std::to_address(digits.end());
        auto [stop, code] = std::from_chars(begin, end, port);
        if (code != std::errc() || stop != end) port = 0;
    }
    std::string_view host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (port >= 1 && port <= 65535 && host_problem(host).empty()) return {};
    return fmt::format("should be HOST:PORT, with a port from 1 to 65535: '{}'", shown(address));
}

std::string build_id_problem(std::string_view text) {
    bool hex = std::all_of(text.begin(), text.end(),
                           [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    if (hex && text.size() >= 16 && text.size() <= 128 && text.size() % 2 == 0) return {};
    return fmt::format(
        "is no GNU build-id: '{}'; it has pairs of lower-case hexadecimal digits, "
        "usually 40 of them: see /sys/kernel/notes",
        shown(text));
}

std::string variable_problem(std::string_view name) {
    bool good = !name.empty() && name.size() <= 100 && !is_digit(name[0]) && only(name, "_");
    return good ? "" : fmt::format("'{}' is no name of a variable", shown(name));
}

std::string config_line_problem(std::string_view line) {
    std::string_view option = line;
    bool off = line.starts_with("# ") && line.ends_with(" is not set");
    if (off) option = line.substr(2, line.size() - 2 - 11);
    std::size_t equal = off ? option.size() : option.find('=');
    bool good = option.starts_with("CONFIG_") && equal != std::string_view::npos && equal > 7 &&
                only(option.substr(0, equal), "_") && line.find('\n') == std::string_view::npos;
    if (good) return {};
    return fmt::format(
        "has a line that is no option: '{}'; write \"CONFIG_X=y\" or "
        "\"# CONFIG_X is not set\"",
        shown(line));
}

std::string cross_compile_problem(std::string_view prefix) {
    if (only(prefix, "._-+/") && (prefix.empty() || (prefix.ends_with('-') && prefix[0] != '-')))
        return {};
    return fmt::format(
        "should be the prefix of a tool chain, with '-' at its end, such as "
        "\"aarch64-linux-gnu-\": '{}'",
        shown(prefix));
}

Result<std::string> host_key_of(std::string_view line) {
    // No ssh-rsa: the SSH library knows it only with SHA-1, which servers refuse by now.
    constexpr std::string_view types[] = {"ssh-ed25519", "ecdsa-sha2-nistp256",
                                          "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"};
    line = line.substr(0, line.find_first_of("\r\n"));
    std::string_view type = line.substr(0, line.find(' '));
    if (std::find(std::begin(types), std::end(types), type) == std::end(types))
        return wrong_request("", fmt::format("should begin with one of: {}", listed(types)));
    std::string_view rest = line.substr(std::min(type.size() + 1, line.size()));
    std::string_view base64 = rest.substr(0, rest.find(' '));
    // The key names its type again, with a length of four bytes before it.
    std::string bytes = from_base64(base64);
    bool same = bytes.size() > 4 + type.size() && bytes.substr(4, type.size()) == type &&
                bytes.substr(0, 3) == std::string(3, '\0') &&
                static_cast<unsigned char>(bytes[3]) == type.size();
    if (!same)
        return wrong_request("",
                             "is no host key: copy the line from the board's "
                             "/etc/ssh/ssh_host_*_key.pub or from ssh-keyscan, without "
                             "the host's name");
    return fmt::format("{} {}", type, base64);
}

std::string path_from(const std::string& folder, const std::string& path) {
    if (path.empty() || path.starts_with('/')) return path;
    return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::string folder_of(const std::string& file) {
    std::string folder = std::filesystem::path(file).parent_path().string();
    return folder.empty() ? "." : folder;
}

}  // namespace bisectd::config
