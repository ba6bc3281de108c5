#include "orchestration/notifier.hpp"

#include <boost/asio/post.hpp>
#include <set>
#include <vector>

#include "orchestration/within.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// What is older is no news. Source: a controller that was down over a night.
constexpr std::chrono::milliseconds news_limit = 24h;

/// The intents of a journal that have no end, and whatever was told of an event.
struct Told {
    std::set<std::pair<std::uint64_t, std::string>> begun, open;

    explicit Told(const std::vector<EventRecord>& records) {
        for (const EventRecord& record : records) {
            if (const auto* started = std::get_if<NoticeBegun>(&record.event)) {
                begun.insert({started->about, started->way});
                open.insert({started->about, started->way});
            }
            if (const auto* ended = std::get_if<NoticeEnded>(&record.event))
                open.erase({ended->about, ended->way});
        }
    }
};

}  // namespace

Notifier::Notifier(Clock& clock, Herald* herald, const boost::asio::any_io_executor& executor,
                   Record record, Log log)
    : clock_(clock),
      herald_(herald),
      executor_(executor),
      record_(std::move(record)),
      log_(std::move(log)),
      crew_(executor) {}

void Notifier::hear(const BisectionState& state, const EventRecord& record) {
    if (herald_ == nullptr) return;
    const std::optional<Notice> notice = notice_of(state, record);
    if (!notice) return;
    for (const std::string& way : herald_->ways(notice->kind)) tell(*notice, way);
}

void Notifier::catch_up(const BisectionState& state, const std::vector<EventRecord>& records) {
    if (herald_ == nullptr || records.empty()) return;
    const std::int64_t oldest = clock_.now_ms_utc() - news_limit.count();
    const Told told(records);
    for (const auto& [about, way] : told.open) {
        NoticeEnded unknown{about, way, false,
                            "the daemon ended meanwhile: whether it arrived is not known, and it "
                            "is not told again"};
        if (auto written = record_(state.id, unknown); !written)
            log_("warning", describe(written.error()));
    }
    if (records.back().at_ms_utc < oldest) return;
    BisectionState then;
    std::optional<Notice> last;
    for (const EventRecord& record : records) {
        evolve(then, record);
        if (record.at_ms_utc < oldest) continue;
        if (std::optional<Notice> notice = notice_of(then, record)) last = std::move(notice);
    }
    if (!last || is_overtaken(*last, state)) return;
    for (const std::string& way : herald_->ways(last->kind))
        if (!told.begun.contains({last->about, way})) tell(*last, way);
}

void Notifier::tell(const Notice& notice, const std::string& way) {
    const std::string what =
        "bisection " + std::to_string(notice.bisection) + ": telling people by " + way;
    crew_.add(tell_in_crew(notice, way),
              [this, what](const std::exception_ptr& thrown, const Result<void>& result) {
                  if (thrown)
                      log_("warning", what + ": " + what_was(thrown));
                  else if (!result && result.error().kind != ErrorKind::cancelled)
                      log_("warning", what + ": " + describe(result.error()));
              });
}

Task<Result<void>> Notifier::tell_in_crew(Notice notice, std::string way) {
    // Not before all others have heard of the event itself.
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
    const NoticeBegun begun{notice.about, notice.kind, way};
    auto recorded = record_(notice.bisection, begun);
    if (!recorded) co_return recorded;
    NoticeEnded ended{notice.about, way, false, ""};
    const BisectionId bisection = notice.bisection;
    Result<void> told;
    try {
        told = co_await within(clock_, herald_->limit(), herald_->tell(way, std::move(notice)),
                               "notice by " + way);
    } catch (const std::exception& thrown) {
        // Of the daemon's own end nothing can be written any more; all else is told as it is.
        told = infrastructure("notice by " + way, thrown.what());
    }
    ended.delivered = told.has_value();
    if (!told) ended.cause = told.error().what;
    recorded = record_(bisection, ended);
    if (!recorded) co_return recorded;
    co_return told;
}

}  // namespace bisectd
