#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace bisectd::ctl {

struct ServerEvent {
    std::string id;    ///< of the last event that had one, this one included
    std::string kind;  ///< "message" when none was given
    std::string data;
};

/// Cuts a byte stream into server-sent events.
/// Source: WHATWG HTML, "Interpreting an event stream".
class SseParser {
  public:
    /// Errors: false when a frame is longer than any of ours could be; the stream is of no use.
    bool feed(std::string_view bytes);
    std::optional<ServerEvent> next();
    const std::string& last_id() const { return last_id_; }

  private:
    void take_line(std::string_view line);

    std::string line_;
    ServerEvent open_;
    std::string last_id_;
    std::deque<ServerEvent> events_;
};

}  // namespace bisectd::ctl
