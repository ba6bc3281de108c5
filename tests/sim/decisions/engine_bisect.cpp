#include "tests/sim/decisions/engine_bisect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <set>

#include "tests/sim/decisions/laboratory.hpp"

namespace bisectd::simulate {
namespace {

using engine::Advice;
using engine::Standing;

/// Outside of this a busy board's commit is as good as decided by what others found.
/// Source: section 3 of the engine's specification, when a running board is asked again.
constexpr double decided_good = 0.08, decided_bad = 0.92;
/// A bisect longer than this never ends. Unit: things that happened, virtual seconds.
constexpr unsigned most_events = 20'000;
constexpr double longest_s = 400 * 86400.0;
/// Games that an estimate plays.
constexpr unsigned estimate_games = 20;

/// One boot of the final proof.
struct ProofTest {
    engine::Spot at;
    std::uint64_t runs = 0;
    bool clean_build = true;
    bool until_hit = false;  ///< needless once the commit has shown it in this proof
};

/// One bisect from its first question to its answer.
class Player {
  public:
    Player(const Truth& truth, const engine::Ancestry& ancestry, std::string* story)
        : truth_(truth), ancestry_(ancestry), laboratory_(truth, outcome_) {
        laboratory_.listen(story);
        standings_.resize(truth.scenario().symptoms);
    }

    Outcome play() {
        for (unsigned events = 0; events < most_events; ++events) {
            if (laboratory_.anyone_idle() || others_found_something()) {
                ask();
                if (finished_) return answer();
            }
            if (!laboratory_.advance() || laboratory_.now() > longest_s) break;
        }
        laboratory_.tell("nothing more is ordered, and there is no answer");
        outcome_.gave_up = true;
        return answer();
    }

  private:
    void ask() {
        const std::vector<bool> recalled = boards_to_recall();
        const engine::Question question = laboratory_.question(recalled);
        const Advice advice = engine::advise(ancestry_, question);
        outcome_.warned = !advice.contradictions.empty() || !advice.surprises.empty();
        for (std::size_t column = 0; column < standings_.size(); ++column) {
            if (laboratory_.columns()[column].ended) continue;
            standings_[column] = advice.standings[column];
            outcome_.halvings = std::max(outcome_.halvings, standings_[column].halvings);
            const bool closed = standings_[column].kind != Standing::Kind::open;
            // A column that is to be proven stays open to doubt.
            if (closed && !truth_.scenario().proof) laboratory_.end_column(column);
        }
        if (all_closed()) {
            finished_ = !truth_.scenario().proof || proven();
            return;
        }
        if (truth_.scenario().estimate && !said_s_ && after_bad_end(advice, question))
            said_s_ =
                laboratory_.now() + engine::outlook(ancestry_, question, estimate_games).seconds;
        laboratory_.obey(advice, recalled);
        builds_seen_ = question.costs.built.size();
        runs_seen_ = outcome_.runs;
    }

    /// The bad end was seen (or is believed) and the search begins.
    bool after_bad_end(const Advice& advice, const engine::Question& question) const {
        const auto is_bad_end = [this](const engine::Spot& at) {
            return !at.outside && at.index == truth_.range().bad_end();
        };
        for (const engine::BoardNow& board : question.boards)
            if (board.busy_at && is_bad_end(*board.busy_at)) return false;
        return std::ranges::any_of(advice.orders,
                                   [](const engine::Order& order) {
                                       return std::strcmp(order.why, "search") == 0;
                                   }) ||
               !advice.builds.empty();
    }

    /// Other boards' findings or a finished build may make a busy board's errand pointless.
    bool others_found_something() const {
        return outcome_.runs != runs_seen_ && laboratory_.boards().size() > 1;
    }

    std::vector<bool> boards_to_recall() const {
        const std::vector<VirtualBoard>& boards = laboratory_.boards();
        std::vector<bool> recalled(boards.size(), false);
        std::vector<std::size_t> busy;
        for (std::size_t board = 0; board < boards.size(); ++board)
            if (boards[board].phase != VirtualBoard::Phase::idle) busy.push_back(board);
        if (busy.empty()) return recalled;
        const engine::Question question = laboratory_.question(recalled);
        const bool new_build = question.costs.built.size() != builds_seen_;
        for (const std::size_t board : busy)
            if (boards[board].phase == VirtualBoard::Phase::running && new_build &&
                truth_.scenario().builders > 0)
                recalled[board] = true;
        if (boards.size() > 1 && outcome_.runs != runs_seen_) recall_decided(question, recalled);
        return recalled;
    }

    /// The boards on the way to, or at, a commit that is as good as decided in every column.
    void recall_decided(const engine::Question& question, std::vector<bool>& recalled) const {
        const std::vector<VirtualBoard>& boards = laboratory_.boards();
        std::vector<engine::Spot> spots;
        for (const VirtualBoard& board : boards) spots.push_back(board.at);
        std::vector<bool> decided(boards.size(), true);
        for (std::size_t column = 0; column < question.columns.size(); ++column) {
            if (question.columns[column].ended) continue;
            const std::vector<double> chances =
                engine::bad_probabilities(ancestry_, question, column, spots);
            for (std::size_t board = 0; board < boards.size(); ++board)
                decided[board] = decided[board] &&
                                 (chances[board] < decided_good || chances[board] > decided_bad);
        }
        for (std::size_t board = 0; board < boards.size(); ++board)
            if (decided[board] && boards[board].phase != VirtualBoard::Phase::idle)
                recalled[board] = true;
    }

    bool all_closed() const {
        return std::ranges::none_of(standings_, [](const Standing& standing) {
            return standing.kind == Standing::Kind::open;
        });
    }

    /// Tests the culprits and their parents once more; true when all was done and the engine still
    /// says the same.
    bool proven() {
        std::vector<CommitIndex> culprits;
        std::uint64_t runs = 1;
        for (const Standing& standing : standings_) {
            if (standing.kind != Standing::Kind::culprit) continue;
            culprits.push_back(standing.suspects.front());
            runs = std::max(runs, standing.proof_runs);
        }
        if (culprits != proving_) {
            proving_ = culprits;
            proof_tests_ = tests_of_proof(culprits);
            proof_left_.clear();
            hits_before_proof_ = hits();
            for (const engine::Spot at : proof_tests_) plan_proof(at, runs);
        }
        while (!proof_left_.empty() && laboratory_.a_board_is_idle()) {
            const ProofTest& next = proof_left_.front();
            if (!next.until_hit || hits(next.at) == hits_before_proof_[next.at])
                if (!laboratory_.prove(next.at, next.runs, next.clean_build)) break;
            proof_left_.pop_front();
        }
        return proof_left_.empty() &&
               std::ranges::none_of(laboratory_.boards(), [this](const VirtualBoard& board) {
                   return board.phase != VirtualBoard::Phase::idle &&
                          std::ranges::count(proof_tests_, board.at) > 0;
               });
    }

    /// Where a boot decides each boot is one run: as many boots as elsewhere runs.
    void plan_proof(engine::Spot at, std::uint64_t runs) {
        const bool by_boot = truth_.scenario().boot_decides;
        const bool is_culprit = !at.outside && std::ranges::count(proving_, at.index) > 0;
        const std::uint64_t boots = !by_boot ? 1 : is_culprit ? 2 * runs : runs;
        for (std::uint64_t boot = 0; boot < boots; ++boot)
            proof_left_.push_back({.at = at,
                                   .runs = by_boot ? 1 : runs,
                                   .clean_build = boot == 0,
                                   .until_hit = by_boot && is_culprit});
    }

    std::uint64_t hits(engine::Spot at) const {
        std::uint64_t sum = 0;
        for (const engine::Column& column : laboratory_.columns())
            for (const engine::Showing& showing : column.showings)
                if (showing.at == at) sum += showing.hits;
        return sum;
    }

    std::map<engine::Spot, std::uint64_t> hits() const {
        std::map<engine::Spot, std::uint64_t> all;
        for (const engine::Spot at : proof_tests_) all[at] = hits(at);
        return all;
    }

    /// The culprits, and what must be good for them to be the first bad ones.
    std::vector<engine::Spot> tests_of_proof(const std::vector<CommitIndex>& culprits) const {
        std::set<engine::Spot> spots;
        for (const CommitIndex culprit : culprits) {
            spots.insert({culprit, false});
            const auto parents = truth_.range().history().parents(culprit);
            for (const CommitIndex parent : parents)
                if (truth_.builds(parent)) spots.insert({parent, false});
            if (parents.empty()) spots.insert({0, true});
        }
        return {spots.begin(), spots.end()};
    }

    Outcome answer() {
        outcome_.claimed = 1;
        for (std::size_t column = 0; column < standings_.size(); ++column) {
            const Standing& standing = standings_[column];
            CommitSet named = truth_.range().none();
            const bool no_answer = standing.kind == Standing::Kind::too_dear;
            const bool names = standing.kind == Standing::Kind::culprit ||
                               standing.kind == Standing::Kind::set || no_answer;
            outcome_.gave_up = outcome_.gave_up || no_answer;
            if (names)
                for (const CommitIndex suspect : standing.suspects) insert(named, suspect);
            judge(outcome_, truth_, column, named);
            // "older" and "not here" say that the range is wrong: loud, but never right here.
            if (!names) outcome_.warned = true;
            outcome_.claimed *= standing.confidence;
            laboratory_.tell(fmt::format("answer: {} commits, {:.4f} sure, culprit {}",
                                         standing.suspects.size(), standing.confidence,
                                         truth_.culprit(column)));
        }
        if (outcome_.gave_up) outcome_.right = false;
        if (said_s_) outcome_.estimate = {*said_s_, outcome_.wall_s};
        return outcome_;
    }

    const Truth& truth_;
    const engine::Ancestry& ancestry_;
    Outcome outcome_;
    Laboratory laboratory_;
    std::vector<Standing> standings_;
    std::optional<double> said_s_;
    bool finished_ = false;
    std::vector<CommitIndex> proving_;       ///< the culprits that the proof is about
    std::vector<engine::Spot> proof_tests_;  ///< all of the proof
    std::deque<ProofTest> proof_left_;       ///< not begun yet
    std::map<engine::Spot, std::uint64_t> hits_before_proof_;
    std::size_t builds_seen_ = 0;
    std::uint64_t runs_seen_ = 0;
};

}  // namespace

Outcome engine_bisect(const Truth& truth, const engine::Ancestry& ancestry, std::string* story) {
    return Player(truth, ancestry, story).play();
}

}  // namespace bisectd::simulate
