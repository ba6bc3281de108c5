#include "adapters/config/section.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

/// Longest list and longest duration that make sense.
constexpr std::size_t list_limit = 1000;
constexpr std::chrono::seconds longest_duration{7 * 24 * 3600};

std::string_view type_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::string:
            return "a text";
        case toml::node_type::integer:
            return "a whole number";
        case toml::node_type::floating_point:
            return "a decimal number";
        case toml::node_type::boolean:
            return "true or false";
        default:
            return "a date or time";
    }
}

/// Seconds of "90s", "15m", "2h", "1d"; -1 when `text` is none of these.
std::int64_t parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const char* begin = std::to_address(text.begin());
    const char* end = std::to_address(text.end());
    auto [stop, code] = std::from_chars(begin, end, count);
    if (code != std::errc() || count < 0 || end - stop != 1 || *begin == '-') return -1;
    if (count > longest_duration.count()) return longest_duration.count() + 1;
    switch (*stop) {
        case 's':
            return count;
        case 'm':
            return count * 60;
        case 'h':
            return count * 3600;
        case 'd':
            return count * 24 * 3600;
        default:
            return -1;
    }
}

}  // namespace

Section::Section(Document& document, const toml::table& table, std::string name,
                 std::initializer_list<std::string_view> known)
    : document_(document), table_(table), name_(std::move(name)) {
    std::vector<std::string_view> words(known);
    if (!words.empty()) check_keys(words);
}

void Section::check_keys(std::span<const std::string_view> known) {
    for (const auto& [key, value] : table_) {
        bool found = false;
        for (std::string_view word : known) found = found || word == key.str();
        if (found) continue;
        std::string what = fmt::format("unknown key '{}'", shown(key.str()));
        if (!name_.empty()) what += " in " + name_;
        std::string_view meant = nearest(key.str(), known);
        if (!meant.empty()) misspelt_.emplace_back(meant);
        what += meant.empty() ? fmt::format("; known keys: {}", listed(known))
                              : fmt::format("; did you mean '{}'?", meant);
        document_.refuse(key.source().begin, what);
    }
}

bool Section::excused(std::string_view key) const {
    if (std::find(misspelt_.begin(), misspelt_.end(), key) != misspelt_.end()) return true;
    const toml::node* node = find(key);
    return node != nullptr && document_.refused(node->source().begin);
}

void Section::refuse_missing(std::string_view key) const {
    if (excused(key)) return;
    refuse(key, fmt::format("missing key '{}'{}", key, name_.empty() ? "" : " in " + name_));
}

void Section::refuse_node(const toml::node& node, std::string_view what) const {
    document_.refuse(node.source().begin, what);
}

void Section::refuse(std::string_view key, std::string_view what) const {
    const toml::node* node = find(key);
    refuse_node(node ? *node : static_cast<const toml::node&>(table_), what);
}

void Section::wrong_type(std::string_view key, const toml::node& node,
                         std::string_view wanted) const {
    refuse_node(node, fmt::format("'{}' should be {}, not {}", key, wanted, type_of(node)));
}

std::string Section::text_of(std::string_view key, const toml::node& node) const {
    const auto* value = node.as_string();
    if (value == nullptr) {
        wrong_type(key, node, "a text in quotes");
        return {};
    }
    if (value->get().find('\0') != std::string::npos) {
        refuse_node(node, fmt::format("'{}' has a NUL character in it", key));
        return {};
    }
    return value->get();
}

std::string Section::text(std::string_view key, std::string otherwise) const {
    const toml::node* node = find(key);
    return node ? text_of(key, *node) : std::move(otherwise);
}

std::string Section::needed_text(std::string_view key) const {
    const toml::node* node = find(key);
    if (node == nullptr) {
        refuse_missing(key);
        return {};
    }
    std::string value = text_of(key, *node);
    if (value.empty() && node->is_string()) refuse(key, fmt::format("'{}' is empty", key));
    return value;
}

bool Section::flag(std::string_view key, bool otherwise) const {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    if (const auto* value = node->as_boolean()) return value->get();
    wrong_type(key, *node, "true or false");
    return otherwise;
}

std::int64_t Section::number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                             std::int64_t most) const {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_integer();
    if (value == nullptr) {
        wrong_type(key, *node, "a whole number");
        return otherwise;
    }
    if (value->get() >= least && value->get() <= most) return value->get();
    refuse(key,
           fmt::format("'{}' is {}; it must be from {} to {}", key, value->get(), least, most));
    return otherwise;
}

std::chrono::seconds Section::duration(std::string_view key, std::chrono::seconds otherwise,
                                       std::chrono::seconds least) const {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_string();
    std::int64_t seconds = value ? parse_duration(value->get()) : -1;
    if (value == nullptr)
        wrong_type(key, *node, "a duration in quotes such as \"90s\", \"15m\" or \"2h\"");
    else if (seconds < 0)
        refuse(key, fmt::format("'{}' is no duration: '{}'; write \"90s\", \"15m\", \"2h\" or "
                                "\"1d\"",
                                key, shown(value->get())));
    else if (seconds < least.count() || seconds > longest_duration.count())
        refuse(key, fmt::format("'{}' must be from {}s to 7d", key, least.count()));
    else
        return std::chrono::seconds(seconds);
    return otherwise;
}

std::vector<std::string> Section::texts(std::string_view key) const {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        wrong_type(key, *node, "a list of texts");
        return {};
    }
    if (array->size() > list_limit)
        refuse(key, fmt::format("'{}' has more than {} entries", key, list_limit));
    std::vector<std::string> values;
    for (const toml::node& item : *array) {
        if (values.size() == list_limit) break;
        values.push_back(text_of(key, item));
        if (values.back().empty() && item.is_string())
            refuse_node(item, fmt::format("'{}' has an empty text in its list", key));
    }
    return values;
}

std::vector<std::string> Section::needed_texts(std::string_view key) const {
    std::vector<std::string> values = texts(key);
    if (!has(key))
        refuse_missing(key);
    else if (values.empty() && find(key)->is_array())
        refuse(key, fmt::format("'{}' is an empty list", key));
    return values;
}

std::vector<int> Section::numbers(std::string_view key, std::vector<int> otherwise, int least,
                                  int most) const {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        wrong_type(key, *node, "a list of whole numbers");
        return otherwise;
    }
    std::vector<int> values;
    for (const toml::node& item : *array) {
        const auto* value = item.as_integer();
        if (value == nullptr)
            wrong_type(key, item, "a list of whole numbers");
        else if (value->get() < least || value->get() > most)
            refuse_node(item, fmt::format("'{}' has {} in it; it must be from {} to {}", key,
                                          value->get(), least, most));
        else if (values.size() < list_limit)
            values.push_back(static_cast<int>(value->get()));
    }
    return values;
}

std::size_t Section::word_index(std::string_view key,
                                std::span<const std::string_view> words) const {
    const toml::node* node = find(key);
    const auto* value = node->as_string();
    if (value == nullptr) {
        wrong_type(key, *node, "a text in quotes");
        return words.size();
    }
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == value->get()) return i;
    refuse(key, fmt::format("'{}' cannot be '{}'; use one of: {}", key, shown(value->get()),
                            listed(words)));
    return words.size();
}

Section Section::section(std::string_view key,
                         std::initializer_list<std::string_view> known) const {
    static const toml::table empty;
    const toml::node* node = find(key);
    const toml::table* table = node ? node->as_table() : nullptr;
    if (node != nullptr && table == nullptr)
        wrong_type(key, *node, fmt::format("a table: write [{}]", key));
    return Section(document_, table ? *table : empty, fmt::format("[{}]", key), known);
}

std::vector<Section> Section::sections(std::string_view key,
                                       std::initializer_list<std::string_view> known) const {
    std::vector<Section> all;
    const toml::node* node = find(key);
    if (node == nullptr) return all;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        wrong_type(key, *node, fmt::format("a list of tables: write [[{}]]", key));
        return all;
    }
    for (const toml::node& item : *array) {
        if (const toml::table* table = item.as_table())
            all.emplace_back(document_, *table, fmt::format("[[{}]]", key), known);
        else
            wrong_type(key, item, fmt::format("a list of tables: write [[{}]]", key));
        if (all.size() == list_limit) break;
    }
    return all;
}

std::vector<std::pair<std::string, std::string>> Section::pairs() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [key, value] : table_)
        all.emplace_back(std::string(key.str()), text_of(key.str(), value));
    return all;
}

}  // namespace bisectd::config
