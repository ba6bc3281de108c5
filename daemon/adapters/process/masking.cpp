#include "adapters/process/masking.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace bisectd::process {
namespace {

/// A shorter one would hide half of every sentence, and protects nothing.
constexpr std::size_t shortest_secret = 4;

bool names_secret(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::array words{"password", "passwd", "passphrase", "secret",
                               "token",    "apikey", "api_key",    "credential"};
    return std::ranges::any_of(
        words, [&lower](const char* word) { return lower.find(word) != lower.npos; });
}

/// Source: ipmitool(1), curl(1), snmpset(1), sshpass(1).
bool is_secret_option(std::string_view option) {
    constexpr std::array options{"-P", "-p", "-A", "-X", "-c", "-u", "--user", "--pass"};
    return option.starts_with('-') &&
           (names_secret(option) || std::ranges::find(options, option) != options.end());
}

std::string_view unquoted(std::string_view word) {
    const std::string_view quotes = "'\";";
    while (!word.empty() && quotes.find(word.front()) != quotes.npos) word.remove_prefix(1);
    while (!word.empty() && quotes.find(word.back()) != quotes.npos) word.remove_suffix(1);
    return word;
}

void learn_word(std::set<std::string, std::greater<>>& secrets, std::string_view word) {
    const auto equals = word.find('=');
    if (equals != word.npos && names_secret(word.substr(0, equals)))
        secrets.emplace(unquoted(word.substr(equals + 1)));
    const auto at = word.find('@'), colon = word.substr(0, at).rfind(':');
    if (at != word.npos && colon != word.npos)
        secrets.emplace(word.substr(colon + 1, at - colon - 1));
}

void learn_option(std::set<std::string, std::greater<>>& secrets, std::string_view value) {
    secrets.emplace(value);
    if (const auto colon = value.find(':'); colon != value.npos)
        secrets.emplace(value.substr(colon + 1));
}

}  // namespace

std::string masked(std::string text, std::string_view command) {
    std::set<std::string, std::greater<>> secrets;  // a longer one before its beginning
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view setting(*entry);
        const auto equals = setting.find('=');
        if (equals != setting.npos && names_secret(setting.substr(0, equals)))
            secrets.emplace(setting.substr(equals + 1));
    }
    bool is_next = false;
    while (!command.empty()) {
        const auto end = std::min(command.find_first_of(" \t\n"), command.size());
        const std::string_view word = unquoted(command.substr(0, end));
        if (is_next) learn_option(secrets, word);
        is_next = is_secret_option(word);
        learn_word(secrets, word);
        command.remove_prefix(std::min(end + 1, command.size()));
    }
    for (const std::string& secret : secrets) {
        if (secret.size() < shortest_secret) continue;
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
            text.replace(at, secret.size(), "***");
    }
    return text;
}

}  // namespace bisectd::process
