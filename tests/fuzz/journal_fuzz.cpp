// A journal may have been damaged or written by somebody else. A line is an event: its kind, a
// blank, its body. Beyond not crashing: what is read is written as it was read, and the fold and
// everything that shows a state take whatever was read, in any order.
#include <boost/json.hpp>

#include "adapters/json/event_json.hpp"
#include "adapters/json/fields.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/views.hpp"
#include "adapters/store/event_json.hpp"
#include "core/bisect_log.hpp"
#include "core/decide.hpp"
#include "core/state.hpp"
#include "core/survey.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;

namespace {

constexpr std::size_t most_events = 60;

void check_same(const Event& event) {
    const Result<std::string> body = store::encode(event);
    BISECTD_ASSERT(body.has_value());
    const Result<Event> again = store::decode(1, kind(event), store::event_version, *body);
    BISECTD_ASSERT(again.has_value());
    const Result<std::string> same = store::encode(*again);
    BISECTD_ASSERT(same.has_value() && *same == *body);
    fuzz::check_plain(sentence(event));
}

/// The events of the bytes, as they would come out of a journal of one bisection.
std::vector<EventRecord> events_of(std::string_view bytes) {
    std::vector<EventRecord> records;
    while (!bytes.empty() && records.size() < most_events) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        const std::size_t blank = std::min(line.find(' '), line.size());
        const std::string_view body = line.substr(std::min(blank + 1, line.size()));
        const std::uint64_t seq = records.size() + 1;
        for (const std::int64_t version : {std::int64_t{1}, store::event_version}) {
            Result<Event> event = store::decode(seq, line.substr(0, blank), version, body);
            if (!event) {
                fuzz::check_error(event.error(), 2000);
                continue;
            }
            check_same(*event);
            records.push_back({seq, 1, static_cast<std::int64_t>(seq) * 1000, std::move(*event),
                               std::string(body)});
            break;
        }
    }
    return records;
}

History line_of_commits() {
    std::vector<History::Commit> commits;
    for (char digit = '1'; digit <= '9'; ++digit) {
        History::Commit commit{*CommitId::parse(std::string(40, digit)), {}, true};
        if (!commits.empty())
            commit.parents.push_back(static_cast<CommitIndex>(commits.size() - 1));
        commits.push_back(std::move(commit));
    }
    return History(std::move(commits));
}

void show(const BisectionState& state) {
    boost::json::serialize(to_json(bisection_of(state, {})));
    boost::json::serialize(to_json(summary_of(state)));
    static const History history = line_of_commits();
    if (state.range) boost::json::serialize(to_json(survey_of(state, history, {})));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    static_cast<void>(record_from_json(bytes));
    const std::vector<EventRecord> records = events_of(bytes);
    if (records.empty()) return 0;
    const BisectionState state = fold(records);
    show(state);
    for (const EventRecord& record : records) {
        const Result<EventRecord> again = record_from_json(record_json(record));
        BISECTD_ASSERT(again.has_value() && kind(again->event) == kind(record.event));
    }
    return 0;
}
