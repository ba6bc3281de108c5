#pragma once
#include <string>
#include <vector>

#include "ctl/terminal.hpp"

namespace bisectd::ctl {

/// A few lines at the bottom of a terminal that are drawn over, never scrolled.
class StatusArea {
  public:
    explicit StatusArea(const Terminal& terminal) : terminal_(terminal) {}

    /// Each line must fit the width, or the area would not know its own height.
    void draw(const std::vector<std::string>& lines) {
        clear();
        for (const std::string& line : lines) terminal_.out << line << '\n';
        terminal_.out.flush();
        drawn_ = lines.size();
    }
    /// Takes the area away, so that other lines can be written in its place.
    void clear() {
        if (drawn_ > 0) terminal_.out << "\x1b[" << drawn_ << "A\r\x1b[J";
        drawn_ = 0;
    }

  private:
    const Terminal& terminal_;
    std::size_t drawn_ = 0;
};

}  // namespace bisectd::ctl
