#include "tests/adapters/http/fake_control.hpp"

#include <algorithm>

#include "adapters/logs/file_logs.hpp"

namespace bisectd::tests {
namespace {

constexpr std::int64_t noon = 1'790'000'000'000;

}  // namespace

void FakeControl::add(BisectionState state) {
    states.push_back(std::make_unique<BisectionState>(std::move(state)));
}

std::uint64_t FakeControl::happen(BisectionId bisection, Event event) {
    EventRecord record;
    record.seq = records.empty() ? 1 : records.back().seq + 1;
    record.bisection = bisection;
    record.at_ms_utc = noon + static_cast<std::int64_t>(record.seq) * 1000;
    record.event = std::move(event);
    records.push_back(record);
    // The states were made by hand; of the climb they tell all there is.
    const bool of_climb =
        std::visit([](const auto& e) { return requires { e.step + e.attempt; }; }, record.event);
    for (auto& state : states)
        if (state->id == bisection && !of_climb) {
            const std::int64_t last_ms_utc = state->last_ms_utc;
            evolve(*state, record);
            state->last_ms_utc = last_ms_utc;
        }
    const auto listeners = *listeners_;
    for (const auto& [number, listener] : listeners) listener(record);
    return record.seq;
}

Result<void> FakeControl::change(const std::string& what) {
    asked.push_back(what);
    if (refusal) return std::unexpected(*refusal);
    return {};
}

Task<Result<BisectionId>> FakeControl::start(StartRequest request) {
    last_start = request;
    if (Result<void> changed = change("start"); !changed)
        co_return std::unexpected(changed.error());
    BisectionState state;
    state.id = states.size() + 1;
    state.activity = Activity::running;
    state.requested.emplace().request = request;
    const BisectionId id = state.id;
    add(std::move(state));
    co_return id;
}

Result<void> FakeControl::pause(BisectionId id) {
    const Result<void> changed = change("pause " + std::to_string(id));
    if (changed)
        for (auto& state : states)
            if (state->id == id) state->activity = Activity::paused;
    return changed;
}
Result<void> FakeControl::resume(BisectionId id) {
    return change("resume " + std::to_string(id));
}
Result<void> FakeControl::cancel(BisectionId id) {
    return change("cancel " + std::to_string(id));
}
Task<Result<CommitId>> FakeControl::judge(BisectionId id, Judgement judgement) {
    last_judgement = judgement;
    if (Result<void> changed = change("judge " + std::to_string(id)); !changed)
        co_return std::unexpected(changed.error());
    co_return commit_of('7');
}
Result<void> FakeControl::return_board(const std::string& board) {
    return change("return " + board);
}

std::vector<const BisectionState*> FakeControl::bisections() {
    std::vector<const BisectionState*> out;
    for (const auto& state : states) out.push_back(state.get());
    return out;
}

const BisectionState* FakeControl::bisection(BisectionId id) {
    for (const auto& state : states)
        if (state->id == id) return state.get();
    return nullptr;
}

Progress FakeControl::progress(BisectionId id) {
    const BisectionState* state = bisection(id);
    return state != nullptr && state->activity == Activity::running ? now : Progress{};
}

std::vector<Progress> FakeControl::all_progress(BisectionId id) {
    if (!everywhere.empty()) return everywhere;
    const Progress one = progress(id);
    return one.what.empty() ? std::vector<Progress>{} : std::vector<Progress>{one};
}

Result<std::string> FakeControl::log_file(BisectionId, std::uint64_t step, std::uint64_t attempt,
                                          const std::string& which) {
    if (step != 1 || attempt != 1) return wrong_request("log", "there is no such attempt");
    return log_folder + "/" + which;
}

std::shared_ptr<LogText> FakeControl::open_log(const std::string& file) {
    return open_log_file(file);
}

Task<Result<std::string>> FakeControl::git_log(BisectionId, std::string symptom) {
    if (symptom == "unknown") co_return wrong_request("symptom 'unknown'", "the recipe has none");
    asked.push_back("log " + symptom);
    co_return "git bisect start\n# bad: [" + commit_of('b').hex() + "] " + hostile + "\n";
}

Task<Result<ReportMail>> FakeControl::report(BisectionId id, std::string symptom) {
    asked.push_back("report " + std::to_string(id) + (symptom.empty() ? "" : " " + symptom));
    if (refusal) co_return std::unexpected(*refusal);
    co_return mail;
}

Result<std::vector<EventRecord>> FakeControl::events_after(std::uint64_t seq, std::size_t limit,
                                                           std::optional<BisectionId> of) {
    ++read_after;
    std::vector<EventRecord> out;
    for (const EventRecord& record : records)
        if (record.seq > seq && out.size() < limit &&
            (!of || record.bisection == 0 || record.bisection == *of))
            out.push_back(record);
    return out;
}

Result<std::vector<EventRecord>> FakeControl::find_events(EventFilter filter) {
    std::vector<EventRecord> out;
    for (const EventRecord& record : records) {
        const bool wanted =
            std::ranges::find(filter.kinds, kind(record.event)) != filter.kinds.end();
        if (!wanted || (filter.bisection && *filter.bisection != record.bisection)) continue;
        const auto [step, attempt] = std::visit(
            [](const auto& e) {
                if constexpr (requires { e.step + e.attempt; })
                    return std::pair(e.step, e.attempt);
                else
                    return std::pair<std::uint64_t, std::uint64_t>();
            },
            record.event);
        if ((filter.step != 0 && step != filter.step) ||
            (filter.attempt != 0 && attempt != filter.attempt))
            continue;
        out.push_back(record);
    }
    if (out.size() > filter.limit)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(filter.limit));
    return out;
}

Result<std::uint64_t> FakeControl::last_seq() {
    return records.empty() ? 0 : records.back().seq;
}

std::shared_ptr<void> FakeControl::listen(Listener listener) {
    const int number = next_listener_++;
    (*listeners_)[number] = std::move(listener);
    const std::weak_ptr<std::map<int, Listener>> weak = listeners_;
    return std::shared_ptr<void>(nullptr, [weak, number](void*) {
        if (const auto alive = weak.lock()) alive->erase(number);
    });
}

Result<std::vector<BoardStatus>> FakeControl::boards() {
    return board_list;
}
std::vector<std::string> FakeControl::recipes() {
    return {"brk-static-pie", "broken"};
}

Result<Recipe> FakeControl::recipe(const std::string& name) {
    if (name == "broken") return wrong_request("broken/recipe.toml:3:1", "unknown key \"bild\"");
    Recipe recipe;
    recipe.name = name;
    recipe.title = "brk() and a static PIE: a crash in a thousand runs";
    recipe.symptoms.resize(1);
    recipe.symptoms[0].name = "segfault";
    recipe.patches.resize(1);
    recipe.patches[0].file = "subcmd.patch";
    return recipe;
}

Task<Result<Survey>> FakeControl::survey(BisectionId) {
    ++surveys;
    if (survey_drawn.steps.empty()) co_return infrastructure("mirror", "it is gone " + hostile);
    co_return survey_drawn;
}

Task<Result<std::string>> FakeControl::diff(BisectionId, CommitId commit) {
    if (commit != commit_of('d')) co_return wrong_request("commit", "no such commit");
    co_return "diff --git a/mm/mmap.c b/mm/mmap.c\n--- a/mm/mmap.c\n+++ b/mm/mmap.c\n@@ -1 +1 "
              "@@\n-\treturn 0;\n+\treturn 1; " + hostile + "\n";
}

Task<Result<Stock>> FakeControl::stock() {
    Stock stock;
    stock.artefacts.push_back({std::string(64, 'a'), commit_of('d'), hostile, 11'234'567, noon});
    stock.bytes = 11'234'567;
    stock.limit_bytes = 20'000'000'000;
    stock.cache_hits = 900;
    stock.cache_misses = 100;
    co_return stock;
}

Task<std::vector<Finding>> FakeControl::doctor(StartRequest request) {
    last_start = request;
    std::vector<Finding> findings;
    findings.push_back({"tool chain", true, "aarch64-linux-gnu-gcc 12.2.0"});
    findings.push_back({"board vb1: ssh", false, "no answer on port 22; is it on? " + hostile});
    co_return findings;
}

}  // namespace bisectd::tests
