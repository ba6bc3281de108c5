#pragma once
#include <deque>
#include <string>
#include <vector>

#include "ctl/terminal.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {

/// What a watched bisection looks like on one screen, top to bottom: `status` (what goes on now),
/// how far the range has shrunk, how likely the culprit is where, the latest steps, the latest
/// events, and how to leave. As many lines as the terminal has, each of them at most as wide; what
/// does not fit is left out, the oldest steps and events first. `state`: the whole state, `survey`:
/// its picture, as the API tells them; no survey is an empty one.
std::vector<std::string> watch_frame(const std::vector<std::string>& status, const Json& state,
                                     const Json& survey, const std::deque<std::string>& events,
                                     const Terminal& terminal);

/// The whole terminal, drawn over and over; what stood there comes back at the end.
class Screen {
  public:
    explicit Screen(const Terminal& terminal) : terminal_(terminal) {}
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen() { leave(); }

    /// `lines` must fit the terminal as it is now. What a resize left behind is wiped.
    void draw(const std::vector<std::string>& lines);
    /// Gives the terminal back; `draw` takes it again.
    void leave();

  private:
    const Terminal& terminal_;
    bool entered_ = false;
};

}  // namespace bisectd::ctl
