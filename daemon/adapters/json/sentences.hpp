#pragma once
#include <string>
#include <string_view>

#include "core/event.hpp"

namespace bisectd {

/// An event in one line for people, such as "step 3: 1a2b3c4d5e6f is bad: hit in run 17".
/// Texts from outside are made printable; nothing is escaped for HTML.
std::string sentence(const Event& event);

/// What the words of the journal are called when a person reads them.
std::string_view purpose_text(Purpose purpose);
std::string_view rung_text(Rung rung);
std::string_view ending_text(Ending ending);

/// "99.7 %": how sure a verdict is; empty when that was not said (a negative number).
/// `verdict`: its word. Of an uncertain one it is said how likely the commit is bad.
std::string probability_text(std::string_view verdict, double bad_probability);

/// "3 h 20 min, 11 commits, 2,400 runs".
std::string expected_text(const Estimated& estimated);

/// "19 clean, 1 hit", from anything that maps a look to a count.
std::string looks_text(const auto& looks) {
    std::string text;
    for (const auto& [look, count] : looks) {
        if (count == 0) continue;
        if (!text.empty()) text += ", ";
        text += std::to_string(count) + " " + std::string(word(look));
    }
    return text.empty() ? "no run" : text;
}

}  // namespace bisectd
