#pragma once
#include <boost/pfr.hpp>
#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

#include "core/commit_id.hpp"

namespace bisectd::sim {

template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::same_as<T, std::string> ||
                std::same_as<T, CommitId>;
template <class T>
concept Optional = requires(const T& value) {
    value.has_value();
    *value;
};
template <class T>
concept Pair = requires(const T& value) {
    value.first;
    value.second;
};

/// Whether two values are equal in all their parts, for types that have no comparison of their own.
template <class T>
bool same(const T& one, const T& other) {
    if constexpr (Plain<T>) {
        return one == other;
    } else if constexpr (Optional<T>) {
        if (one.has_value() != other.has_value()) return false;
        return !one.has_value() || same(*one, *other);
    } else if constexpr (Pair<T>) {
        return same(one.first, other.first) && same(one.second, other.second);
    } else if constexpr (std::ranges::sized_range<T>) {
        if (one.size() != other.size()) return false;
        for (auto a = one.begin(), b = other.begin(); a != one.end(); ++a, ++b)
            if (!same(*a, *b)) return false;
        return true;
    } else {
        bool equal = true;
        boost::pfr::for_each_field(one, [&equal, &other](const auto& field, auto index) {
            if (equal) equal = same(field, boost::pfr::get<index.value>(other));
        });
        return equal;
    }
}

}  // namespace bisectd::sim
