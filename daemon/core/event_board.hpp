#pragma once
#include <string>
#include <string_view>

namespace bisectd {

// What happens to boards.

/// This bisection does not use the board any more: it cannot tell good from bad.
struct BoardQuarantined {
    static constexpr std::string_view kind = "board_quarantined";
    std::string board;
    std::string why;
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("why", self.why);
    }
};

/// A rung of the recovery ladder of a board was tried.
struct RecoveryTried {
    static constexpr std::string_view kind = "recovery_tried";
    std::string board;
    /// "new session", "agent reboot", "sysrq", "power cycle", "cold wait"; without a power switch
    /// "wait"; "disarm", where that failed before a reboot.
    std::string rung;
    bool worked = false;
    std::string detail;
    double seconds = 0;  ///< it took so long
    double limit_s = 0;  ///< and was allowed so long; 0: not said
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("rung", self.rung);
        visit("worked", self.worked);
        visit("detail", self.detail);
        visit("seconds", self.seconds);
        visit("limit_s", self.limit_s);
    }
};

/// The board runs its known-good kernel again, proven.
struct BoardRecovered {
    static constexpr std::string_view kind = "board_recovered";
    std::string board;
    std::string boot_id;
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("boot_id", self.boot_id);
    }
};

/// Nothing helped: a person is needed. The bisection waits for `board_returned`.
struct BoardParked {
    static constexpr std::string_view kind = "board_parked";
    std::string board;
    std::string ask;  ///< what the person should check, and how to go on
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("ask", self.ask);
    }
};

/// A person said that the board can be used again.
struct BoardReturned {
    static constexpr std::string_view kind = "board_returned";
    std::string board;
    static void fields(auto&& visit, auto& self) { visit("board", self.board); }
};

}  // namespace bisectd
