#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace bisectd {

/// The words of an enumeration, as they are stored in the journal, printed and documented.
/// Specialise with `static constexpr auto all = word_table<E>({{E::x, "x"}, ...});`.
template <class E>
struct Words;

template <class E, std::size_t N>
constexpr std::array<std::pair<E, std::string_view>, N> word_table(
    const std::pair<E, std::string_view> (&entries)[N]) {
    return std::to_array(entries);
}

template <class E>
concept Worded = requires { Words<E>::all; };

template <Worded E>
constexpr std::string_view word(E value) {
    for (const auto& [entry, text] : Words<E>::all)
        if (entry == value) return text;
    return "?";
}

/// Errors: nothing when `text` is no word of `E`.
template <Worded E>
constexpr std::optional<E> from_word(std::string_view text) {
    for (const auto& [entry, entry_text] : Words<E>::all)
        if (entry_text == text) return entry;
    return std::nullopt;
}

}  // namespace bisectd
