#pragma once
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/config/document.hpp"

namespace bisectd::config {

/// A word of a file and its value.
template <class E>
using WordTable = std::initializer_list<std::pair<std::string_view, E>>;

/// One table of a document, read key by key. A problem is reported to the document, with its line
/// and column, and the default is given back: so one reading finds all problems.
class Section {
  public:
    /// Refuses the keys that are not in `known`. `name` is shown: "[build]"; "" for the top.
    Section(Document& document, const toml::table& table, std::string name,
            std::initializer_list<std::string_view> known);

    bool has(std::string_view key) const { return table_.contains(key); }
    bool holds_table(std::string_view key) const { return has(key) && find(key)->is_table(); }
    bool holds_list(std::string_view key) const { return has(key) && find(key)->is_array(); }
    /// True when the key's value was reported already, or an unknown key is probably this one:
    /// what follows from that need not be reported too.
    bool excused(std::string_view key) const;
    /// Reports a problem at the key's value; at the table when it has no such key.
    void refuse(std::string_view key, std::string_view what) const;

    std::string text(std::string_view key, std::string otherwise = "") const;
    /// A missing or empty text is a problem.
    std::string needed_text(std::string_view key) const;
    bool flag(std::string_view key, bool otherwise) const;
    std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                        std::int64_t most) const;
    /// "90s", "15m", "2h" or "1d".
    std::chrono::seconds duration(std::string_view key, std::chrono::seconds otherwise,
                                  std::chrono::seconds least) const;
    std::vector<std::string> texts(std::string_view key) const;
    /// A missing or empty list is a problem.
    std::vector<std::string> needed_texts(std::string_view key) const;
    std::vector<int> numbers(std::string_view key, std::vector<int> otherwise, int least,
                             int most) const;
    template <class E>
    E word(std::string_view key, E otherwise, WordTable<E> table) const {
        if (!has(key)) return otherwise;
        std::vector<std::string_view> words;
        for (const auto& entry : table) words.push_back(entry.first);
        std::size_t index = word_index(key, words);
        return index < words.size() ? (table.begin() + index)->second : otherwise;
    }
    /// The table `[key]`, an empty one when there is none.
    Section section(std::string_view key, std::initializer_list<std::string_view> known) const;
    /// The tables `[[key]]`, in order.
    std::vector<Section> sections(std::string_view key,
                                  std::initializer_list<std::string_view> known) const;
    /// All keys with their texts, for tables with free names.
    std::vector<std::pair<std::string, std::string>> pairs() const;

  private:
    const toml::node* find(std::string_view key) const { return table_.get(key); }
    void refuse_node(const toml::node& node, std::string_view what) const;
    void wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) const;
    std::string text_of(std::string_view key, const toml::node& node) const;
    /// Index in `words`; their number when the value is no word, which is then reported.
    std::size_t word_index(std::string_view key, std::span<const std::string_view> words) const;
    void check_keys(std::span<const std::string_view> known);
    void refuse_missing(std::string_view key) const;

    Document& document_;
    const toml::table& table_;
    std::string name_;
    std::vector<std::string> misspelt_;  ///< keys that were probably meant by unknown ones
};

}  // namespace bisectd::config
