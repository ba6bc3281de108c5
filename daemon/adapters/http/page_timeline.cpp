#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "adapters/http/page.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

// Units of the drawing; the page scales it to its width.
constexpr int time_left_edge = 110, time_line_width = 880, time_row_height = 26,
              time_bar_height = 16, time_right_edge = 1000;
constexpr std::size_t most_timeline_rows = 32;
constexpr std::string_view builder = "builder";

/// Something that took its time.
struct Work {
    std::string who;
    std::string_view what;  ///< "build", "deploy", "boot", "run": also its colour
    std::uint64_t step = 0;
    std::int64_t from_ms = 0, to_ms = 0;
};

/// Reads intents and outcomes in pairs.
class WorkReader {
  public:
    explicit WorkReader(const BisectionState& state) : state_(state) {}

    void operator()(const EventRecord& record) {
        at_ = record.at_ms_utc;
        std::visit(*this, record.event);
    }
    void operator()(const BuildStarted& e) { begin(builder, "build", e.step, e.attempt); }
    void operator()(const Built& e) { end(e.step, e.attempt); }
    void operator()(const Deployed& e) {
        end(e.step, e.attempt);
        const auto ms = static_cast<std::int64_t>(e.seconds * 1000);
        done.push_back({board_of(e.step, e.attempt), "deploy", e.step, at_ - ms, at_});
    }
    void operator()(const BootStarted& e) {
        begin(board_of(e.step, e.attempt), "boot", e.step, e.attempt);
    }
    void operator()(const KernelProven& e) { end(e.step, e.attempt); }
    void operator()(const RunsStarted& e) {
        begin(board_of(e.step, e.attempt), "run", e.step, e.attempt);
    }
    void operator()(const RunsEnded& e) { end(e.step, e.attempt); }
    void operator()(const AttemptEnded& e) { end(e.step, e.attempt); }
    void operator()(const BuildAheadStarted& e) { begin(builder, "build", 0, e.build); }
    void operator()(const BuildAheadEnded& e) { end(0, e.build); }
    void operator()(const auto&) {}

    /// What has not ended goes on until `now_ms`.
    std::vector<Work> all(std::int64_t now_ms) {
        for (auto& [place, work] : open_) {
            work.to_ms = std::max(now_ms, work.from_ms);
            done.push_back(work);
        }
        return std::move(done);
    }

  private:
    using Place = std::pair<std::uint64_t, std::uint64_t>;

    std::string board_of(std::uint64_t step, std::uint64_t attempt) const {
        if (step == 0 || step > state_.steps.size()) return "?";
        const auto& attempts = state_.steps[step - 1].attempts;
        return attempt == 0 || attempt > attempts.size() ? "?" : attempts[attempt - 1].board;
    }
    void begin(std::string_view who, std::string_view what, std::uint64_t step,
               std::uint64_t attempt) {
        end(step, attempt);
        open_[{step, attempt}] = {std::string(who), what, step, at_, at_};
    }
    void end(std::uint64_t step, std::uint64_t attempt) {
        const auto found = open_.find({step, attempt});
        if (found == open_.end()) return;
        found->second.to_ms = at_;
        done.push_back(found->second);
        open_.erase(found);
    }

    const BisectionState& state_;
    std::int64_t at_ = 0;
    std::map<Place, Work> open_;
    std::vector<Work> done;
};

struct Scale {
    std::int64_t from_ms = 0, to_ms = 1;
    double x(std::int64_t at_ms) const {
        return time_left_edge + time_line_width * static_cast<double>(at_ms - from_ms) /
                                    static_cast<double>(to_ms - from_ms);
    }
};

std::string bar(const Work& work, const Scale& scale, int top) {
    const double from = scale.x(work.from_ms), width = std::max(1.2, scale.x(work.to_ms) - from);
    const std::string time = html_duration(work.from_ms, work.to_ms);
    const std::string title = work.step == 0
                                  ? fmt::format("{} ahead, {}", work.what, time)
                                  : fmt::format("step {}: {}, {}", work.step, work.what, time);
    const std::string shape = fmt::format(
        "<title>{}</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" "
        "height=\"{}\"/>",
        escaped(title), work.what, from, top, width, time_bar_height);
    return work.step == 0
               ? "<g>" + shape + "</g>"
               : fmt::format("<a href=\"#step-{}\" tabindex=\"-1\">{}</a>", work.step, shape);
}

std::string ticks(const Scale& scale, int bottom) {
    std::string out;
    constexpr int count = 4;
    for (int i = 0; i <= count; ++i) {
        const std::int64_t at = scale.from_ms + (scale.to_ms - scale.from_ms) * i / count;
        const std::string text = time_text(at);
        out += fmt::format(
            "<line class=\"axis\" x1=\"{0:.0f}\" y1=\"0\" x2=\"{0:.0f}\" y2=\"{1}\"/>"
            "<text x=\"{0:.0f}\" y=\"{2}\" class=\"{3}\">{4}</text>",
            scale.x(at), bottom, bottom + 14,
            i == 0       ? ""
            : i == count ? "to-left"
                         : "middle",
            text.size() > 16 ? text.substr(5, 11) : text);
    }
    return out;
}

}  // namespace

std::string timeline_part(const BisectionState& state, const std::vector<EventRecord>& work) {
    WorkReader reader(state);
    for (const EventRecord& record : work) reader(record);
    const std::vector<Work> all = reader.all(state.last_ms_utc);
    if (all.empty()) return "";
    Scale scale{all.front().from_ms, state.last_ms_utc};
    std::vector<std::string> rows{std::string(builder)};
    for (const Work& each : all) {
        scale.from_ms = std::min(scale.from_ms, each.from_ms);
        scale.to_ms = std::max(scale.to_ms, each.to_ms);
        if (std::ranges::find(rows, each.who) == rows.end() && rows.size() < most_timeline_rows)
            rows.push_back(each.who);
    }
    if (scale.to_ms <= scale.from_ms) return "";
    const int bottom = static_cast<int>(rows.size()) * time_row_height;
    std::string drawing = ticks(scale, bottom);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const int top =
            static_cast<int>(i) * time_row_height + (time_row_height - time_bar_height) / 2;
        drawing += fmt::format("<text x=\"{}\" y=\"{}\" class=\"to-left\">{}</text>\n",
                               time_left_edge - 8, top + 12, escaped(rows[i].substr(0, 14)));
        for (const Work& each : all)
            if (each.who == rows[i]) drawing += bar(each, scale, top);
        drawing += "\n";
    }
    return fmt::format(
        "<h2>Who did what when</h2>\n<p class=\"key\"><span class=\"build\">build</span> "
        "<span class=\"deploy\">deploy</span> <span class=\"boot\">boot</span> "
        "<span class=\"run\">runs</span></p>\n<div class=\"chart timeline\" tabindex=\"0\" "
        "role=\"group\" aria-label=\"Work of {} and the builder over time\"><svg "
        "viewBox=\"0 0 {} {}\" aria-hidden=\"true\">\n"
        "{}</svg></div>\n",
        count_of(rows.size() - 1, "board"), time_right_edge, bottom + 20, drawing);
}

}  // namespace bisectd::http
