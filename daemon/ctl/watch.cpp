#include "ctl/watch.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ctime>
#include <deque>
#include <thread>

#include "adapters/json/event_json.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/event_stream.hpp"
#include "ctl/exit_code.hpp"
#include "ctl/screen.hpp"
#include "ctl/show.hpp"

namespace bisectd::ctl {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// A burst of events, such as the story so far, is taken whole before it is shown.
constexpr milliseconds burst_gap{80};
constexpr milliseconds tick{1000};
// How soon a resized window is drawn anew.
constexpr milliseconds live_tick{250};
// More than the highest window shows.
constexpr std::size_t most_events_kept = 300;

std::string event_line(const ServerEvent& event, const Terminal& terminal) {
    Result<EventRecord> record = record_from_json(event.data);
    // A newer daemon may have words that we do not know; they are shown as they are.
    if (!record) return fmt::format("         {}", printable(event.kind));
    const std::time_t seconds = record->at_ms_utc / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::string text = sentence(record->event);
    if (const auto* verdict = std::get_if<VerdictGiven>(&record->event))
        text = terminal.paint(colour_of(word(verdict->verdict)), text);
    if (const auto* parked = std::get_if<BoardParked>(&record->event); parked != nullptr)
        text = terminal.paint(Colour::bad, text);
    return fmt::format("{:02}:{:02}:{:02} {}", local.tm_hour, local.tm_min, local.tm_sec, text);
}

/// Keeps an event stream alive over restarts of the daemon.
class Following {
  public:
    Following(const Client& client, std::string target, const WatchOptions& options)
        : client_(client), target_(std::move(target)), options_(options) {}

    Result<void> open() {
        Result<EventStream> stream = EventStream::open(client_.socket_path(), target_, last_id_);
        if (!stream) return std::unexpected(stream.error());
        stream_.emplace(std::move(*stream));
        return {};
    }
    /// Errors: the connection is lost; `reopen` is next.
    Result<std::optional<ServerEvent>> next(milliseconds limit) {
        auto event = stream_->next(limit);
        if (event && *event && !(*event)->id.empty()) last_id_ = (*event)->id;
        return event;
    }
    /// Tries again each second. Errors: of the last try, when the limit is over; cancelled.
    Result<void> reopen() {
        const auto deadline = SteadyClock::now() + options_.lost_limit;
        for (;;) {
            // In small pieces, so that Ctrl-C is heard at once.
            for (milliseconds slept{0}; slept < options_.retry_period && !interrupted();
                 slept += milliseconds(50))
                std::this_thread::sleep_for(milliseconds(50));
            if (interrupted()) return cancelled("bisectctl", "interrupted");
            Result<void> opened = open();
            if (opened || SteadyClock::now() > deadline) return opened;
        }
    }

  private:
    const Client& client_;
    std::string target_;
    WatchOptions options_;
    std::string last_id_;
    std::optional<EventStream> stream_;
};

int left(BisectionId id, const Terminal& terminal) {
    terminal.err << fmt::format(
        "left the watch; the bisection goes on (\"bisectctl watch {}\" looks again)\n", id);
    return exit_left;
}

int exit_code_of(const Json& state) {
    const std::string ending = text_of(part_of(state, "ended"), "ending");
    if (ending == "culprit") return exit_ok;
    return ending == "inconclusive" || ending == "wrong-range" ? exit_inconclusive : exit_failed;
}

class Watch {
  public:
    Watch(const Client& client, BisectionId id, const WatchOptions& options,
          const Terminal& terminal)
        : client_(client),
          id_(id),
          options_(options),
          terminal_(terminal),
          screen_(terminal_),
          following_(client, fmt::format("/api/v1/events?bisection={}&after=0", id), options) {}

    int run() {
        if (Result<void> opened = following_.open(); !opened)
            return report(opened.error(), terminal_);
        if (const int code = refresh(); code != exit_ok) return code;
        for (;;) {
            Result<bool> burst = take_burst();
            if (interrupted()) return clear_and([this] { return left(id_, terminal_); });
            if (!burst) {
                if (const int code = come_back(burst.error()); code != exit_ok) return code;
                continue;
            }
            if (*burst)
                if (const int code = refresh(); code != exit_ok) return code;
            show_lines();
            if (!part_of(state_, "ended").empty()) return clear_and([this] { return end(); });
            draw();
        }
    }

  private:
    int clear_and(auto action) {
        screen_.leave();
        return action();
    }

    int end() {
        // The screen is gone: what it told stays readable as the summary.
        if (on_screen()) print_summary(state_, terminal_);
        if (!options_.json && !on_screen()) print_ending(state_, terminal_);
        return exit_code_of(state_);
    }

    /// Takes the events that are there. Returns whether the state may have changed.
    Result<bool> take_burst() {
        bool changed = false;
        milliseconds limit = on_screen() ? live_tick : tick;
        for (;;) {
            auto event = following_.next(limit);
            if (!event) {
                show_lines();
                return std::unexpected(event.error());
            }
            if (!*event) return changed;
            limit = burst_gap;
            if ((*event)->kind == "hello") continue;
            if ((*event)->kind == "progress") {
                take_progress((*event)->data);
                return changed;
            }
            changed = true;
            lines_.push_back(options_.json ? (*event)->data : event_line(**event, terminal_));
            // What is piped is shown at once; it has no screen to keep in step with.
            if (!terminal_.live) show_lines();
        }
    }

    void take_progress(const std::string& data) {
        boost::json::error_code error;
        const boost::json::value json = boost::json::parse(data, error);
        if (error || !json.is_object()) return;
        places_[text_of(json.get_object(), "board")] = json.get_object();
    }

    /// Live events stay on the screen; all others are lines that scroll.
    void show_lines() {
        if (on_screen()) {
            while (lines_.size() > most_events_kept) lines_.pop_front();
            return;
        }
        if (lines_.empty()) return;
        for (const std::string& line : lines_) terminal_.out << line << '\n';
        terminal_.out.flush();
        lines_.clear();
    }

    bool on_screen() const { return terminal_.live && !options_.json; }

    void draw() {
        if (!on_screen()) return;
        const Terminal now = sized_now(terminal_);
        std::deque<std::string> events;
        for (const std::string& line : lines_) events.push_back(cut_painted(line, now.width - 1));
        const std::vector<std::string> status = status_lines(state_, places_, now);
        screen_.draw(watch_frame(status, state_, survey_, events, now));
    }

    int refresh() {
        Result<Json> state = fetch(client_, fmt::format("/api/v1/bisections/{}", id_));
        // A daemon that is just stopping: the lost stream will say so.
        if (!state && state.error().kind == ErrorKind::infrastructure) return exit_ok;
        if (!state) return clear_and([this, &state] { return report(state.error(), terminal_); });
        state_ = std::move(*state);
        places_ = places_of(state_);
        if (on_screen()) look_at_survey();
        return exit_ok;
    }

    /// The picture as it is drawn now; while a newer one is being drawn, the one before.
    void look_at_survey() {
        Result<Json> survey =
            fetch(client_, fmt::format("/api/v1/bisections/{}/survey?wait=0", id_));
        if (survey) survey_ = std::move(*survey);
    }

    int come_back(const Error& why) {
        screen_.leave();
        terminal_.err << "connection to bisectd lost (" << why.what << "); trying again\n";
        Result<void> opened = following_.reopen();
        if (interrupted()) return left(id_, terminal_);
        if (!opened) return report(opened.error(), terminal_);
        terminal_.err << "connected again\n";
        return refresh();
    }

    const Client& client_;
    BisectionId id_;
    WatchOptions options_;
    Terminal terminal_;
    Screen screen_;
    Following following_;
    Json state_, survey_;
    Places places_;
    std::deque<std::string> lines_;
};

}  // namespace

int watch(const Client& client, BisectionId id, const WatchOptions& options,
          const Terminal& terminal) {
    if (id == 0) {
        Result<BisectionId> found = newest(client);
        if (!found) return report(found.error(), terminal);
        id = *found;
    }
    catch_interrupt();
    return Watch(client, id, options, terminal).run();
}

int follow_events(const Client& client, const WatchOptions& options, const Terminal& terminal) {
    catch_interrupt();
    Following following(client, "/api/v1/events", options);
    if (Result<void> opened = following.open(); !opened) return report(opened.error(), terminal);
    while (!interrupted()) {
        auto event = following.next(tick);
        if (!event && !interrupted()) {
            terminal.err << "connection to bisectd lost (" << event.error().what
                         << "); trying again\n";
            Result<void> opened = following.reopen();
            if (!opened && !interrupted()) return report(opened.error(), terminal);
            if (opened) terminal.err << "connected again\n";
            continue;
        }
        if (!event || !*event || (*event)->kind == "hello" || (*event)->kind == "progress")
            continue;
        terminal.out << (options.json ? (*event)->data : event_line(**event, terminal))
                     << std::endl;
    }
    return exit_left;
}

}  // namespace bisectd::ctl
