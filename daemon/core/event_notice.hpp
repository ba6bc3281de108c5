#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/words.hpp"

namespace bisectd {

/// What people are told of without having to look.
enum class NoticeKind {
    found,         ///< a culprit, proven
    needs_person,  ///< it waits until somebody does something
    failed,        ///< it ended without a culprit
};
template <>
struct Words<NoticeKind> {
    static constexpr auto all =
        word_table<NoticeKind>({{NoticeKind::found, "found"},
                                {NoticeKind::needs_person, "needs-a-person"},
                                {NoticeKind::failed, "failed"}});
};

/// People are about to be told of an event (intent). It is never told a second time that way, even
/// if the daemon dies before it knows how that went.
struct NoticeBegun {
    static constexpr std::string_view kind = "notice_begun";
    std::uint64_t about = 0;  ///< place of that event in the journal
    NoticeKind notice = NoticeKind::failed;
    std::string way;  ///< "command", "mail", "webhook"
    static void fields(auto&& visit, auto& self) {
        visit("about", self.about);
        visit("notice", self.notice);
        visit("way", self.way);
    }
};

struct NoticeEnded {
    static constexpr std::string_view kind = "notice_ended";
    std::uint64_t about = 0;
    std::string way;
    bool delivered = false;  ///< taken by the command, the mail system or the web server
    std::string cause;       ///< why not; no address and no secret
    static void fields(auto&& visit, auto& self) {
        visit("about", self.about);
        visit("way", self.way);
        visit("delivered", self.delivered);
        visit("cause", self.cause);
    }
};

}  // namespace bisectd
