#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/state.hpp"

namespace bisectd {

/// What people are told. Texts of repositories and boards are hostile.
struct Notice {
    NoticeKind kind = NoticeKind::failed;
    BisectionId bisection = 0;
    std::uint64_t about = 0;  ///< place of the event in the journal
    std::int64_t at_ms_utc = 0;
    std::string title;  ///< the person's, else the recipe's name
    std::string repository, recipe;
    std::vector<std::string> boards;
    std::string board;    ///< the one that needs a person; empty: none
    std::string outcome;  ///< "culprit", "inconclusive", ..., "parked", "paused", "no-space"
    CommitId commit;      ///< the culprit; null: none
    std::string subject;  ///< of the culprit
    std::string text;     ///< what happened, or what a person should do
};

/// Whether people should be told of this event. `state`: with the event in it.
std::optional<Notice> notice_of(const BisectionState& state, const EventRecord& record);

/// It waited for a person, and does so no more.
bool is_overtaken(const Notice& notice, const BisectionState& state);

}  // namespace bisectd
