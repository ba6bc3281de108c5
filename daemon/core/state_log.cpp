#include "core/state_log.hpp"

#include <algorithm>

namespace bisectd {
namespace {

/// Of one commit, at its place in the log.
struct Standing {
    CommitId commit;
    Verdict verdict = Verdict::uncertain;
    bool by_person = false;
};

class Standings {
  public:
    void take(const VerdictGiven& given) {
        const auto found = find(given.commit);
        if (found != all_.end() && found->by_person) return;
        put({given.commit, given.verdict, false});
    }
    void take(const CommitJudged& judged) {
        if (judged.withdrawn)
            std::erase_if(all_, [&judged](const Standing& s) { return s.commit == judged.commit; });
        else
            put({judged.commit, judged.verdict, true});
    }
    const std::vector<Standing>& all() const { return all_; }

  private:
    std::vector<Standing>::iterator find(const CommitId& commit) {
        return std::ranges::find(all_, commit, &Standing::commit);
    }
    void put(Standing standing) {
        if (const auto found = find(standing.commit); found != all_.end())
            *found = std::move(standing);
        else
            all_.push_back(std::move(standing));
    }
    std::vector<Standing> all_;
};

/// A log knows one symptom: the culprit's, else the one that was looked at first.
std::string symptom_of(const BisectionState& state, const std::vector<EventRecord>& records) {
    if (state.suspect && !state.suspect->symptom.empty()) return state.suspect->symptom;
    for (const EventRecord& record : records)
        if (const auto* given = std::get_if<VerdictGiven>(&record.event)) return given->symptom;
    return {};
}

/// Whether the log tells the verdict of a step.
bool is_told(const BisectionState& state, const VerdictGiven& given) {
    if (given.step == 0 || given.step > state.steps.size()) return false;
    const Purpose purpose = state.steps[given.step - 1].purpose;
    return purpose == Purpose::search || purpose == Purpose::merge_base ||
           purpose == Purpose::retest;
}

}  // namespace

BisectLog log_of(const BisectionState& state, const std::vector<EventRecord>& records,
                 const std::string& asked) {
    BisectLog log;
    if (!state.range) return log;
    const auto shown = [&state](const CommitId& commit) {
        return LoggedCommit{commit, state.subject_of(commit)};
    };
    log.bad = shown(state.range->bad);
    for (const CommitId& good : state.range->good) log.good.push_back(shown(good));
    log.first_parent = state.requested->request.first_parent;
    log.paths = state.requested->request.paths;
    const std::string symptom = asked.empty() ? symptom_of(state, records) : asked;
    const auto ours = [&symptom](const auto& event) {
        return symptom.empty() || event.symptom.empty() || event.symptom == symptom;
    };
    Standings standings;
    for (const EventRecord& record : records) {
        const auto* given = std::get_if<VerdictGiven>(&record.event);
        if (given != nullptr && ours(*given) && is_told(state, *given)) standings.take(*given);
        const auto* judged = std::get_if<CommitJudged>(&record.event);
        if (judged != nullptr && ours(*judged)) standings.take(*judged);
    }
    const std::vector<CommitId>& good = state.range->good;
    for (const Standing& standing : standings.all()) {
        // Git knows one verdict of an end, which stands above already.
        if (standing.commit == state.range->bad ||
            std::ranges::find(good, standing.commit) != good.end())
            continue;
        log.verdicts.push_back({standing.verdict, shown(standing.commit)});
    }
    const auto end = state.conclusions.find(symptom);
    const bool by_symptom = end != state.conclusions.end();
    if (by_symptom && end->second.ending == Ending::culprit && !end->second.commits.empty())
        log.culprit = shown(end->second.commits.front());
    else if (!by_symptom && state.ended && state.ended->ending == Ending::culprit && state.suspect)
        log.culprit = LoggedCommit{state.suspect->commit, state.suspect->subject};
    return log;
}

}  // namespace bisectd
