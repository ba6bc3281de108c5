#pragma once
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "core/event.hpp"

namespace bisectd::test {

/// Gives every field of an event a value that is hard to store. `turn` picks other words and
/// other ends of the ranges.
struct Filler {
    std::size_t turn = 0;

    void operator()(const char*, auto& value) const { fill(value); }

    void fill(std::string& value) const {
        using namespace std::string_literals;
        const std::string texts[] = {
            ""s,
            "quote ' double \" backslash \\ newline \n tab \t"s,
            "nul \0 bell \a escape \x1b[31m"s,
            "'); DROP TABLE event; --"s,
            "broken \xff\xfe utf-8 \xed\xa0\x80 \xc0\xaf \xf4\x90\x80\x80 \xe2\x82"s,
            "right to left \xe2\x80\xae and \xf0\x9f\x90\x9b"s,
            "{\"json\": [1, 2]} $.step ?1 :name"s};
        value = texts[turn % std::size(texts)];
    }
    void fill(CommitId& value) const {
        value = *CommitId::parse(std::string(turn % 2 == 0 ? 40 : 64, turn % 3 == 0 ? 'a' : '7'));
    }
    void fill(bool& value) const { value = turn % 2 == 0; }
    void fill(double& value) const { value = turn % 2 == 0 ? 0.1 : 1e300; }
    template <std::integral T>
    void fill(T& value) const {
        using Limits = std::numeric_limits<T>;
        value = turn % 3 == 0 ? Limits::max() : turn % 3 == 1 ? Limits::min() : T{1};
    }
    template <Worded T>
    void fill(T& value) const {
        value = Words<T>::all[turn % Words<T>::all.size()].first;
    }
    template <class T>
    void fill(std::vector<T>& values) const {
        values.resize(turn % 4);
        for (T& value : values) fill(value);
    }
    template <class T>
        requires requires(T& value, const Filler& filler) { T::fields(filler, value); }
    void fill(T& value) const {
        T::fields(*this, value);
    }
};

template <std::size_t... Index>
std::vector<Event> sample_events(std::size_t turn, std::index_sequence<Index...>) {
    std::vector<Event> events{Event(std::in_place_index<Index>)...};
    for (Event& event : events) std::visit([turn](auto& e) { Filler{turn}.fill(e); }, event);
    return events;
}

/// One event of each kind.
inline std::vector<Event> sample_events(std::size_t turn) {
    return sample_events(turn, std::make_index_sequence<std::variant_size_v<Event>>());
}

}  // namespace bisectd::test
