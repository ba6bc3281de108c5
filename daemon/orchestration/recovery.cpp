#include "orchestration/recovery.hpp"

#include <algorithm>
#include <tuple>

#include "orchestration/within.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// One of many tries to meet the board: shorter, so that a hung connection does not hide that it
/// is back. Source: an emulated board at a load of 14 answered within 9 s.
constexpr std::chrono::milliseconds look_limit = 15s;
/// The first try: a connection that was accepted on the way down or up is never answered, and
/// waiting for it would hide that the board has come up meanwhile. Doubled from try to try.
/// Source: an idle emulated board answers 0.1 to 0.5 s after its SSH server has started.
constexpr std::chrono::milliseconds first_look_limit = 2s;
/// Between two tries. Source: a small SSH server drops the sixth unauthenticated connection.
constexpr std::chrono::milliseconds meeting_pause = 500ms;
/// To meet a board that answers, disarm it and tell it to reboot. Source: a meeting's limit for
/// each.
constexpr std::chrono::milliseconds asking_limit = 3 * meeting_limit;
/// Power off long enough for what a short cycle does not reset. Source: common BMC advice.
constexpr std::chrono::milliseconds cold_wait = 60s;
/// A power switch that has not done what it was told by then, beyond the time that it keeps the
/// board off, does not work. Source: a BMC that logs in anew took 12 s; five times that.
constexpr std::chrono::milliseconds switch_limit = 60s;

Task<Result<BoardFacts>> facts_of(Lab& lab, BoardSpec board, std::chrono::milliseconds limit) {
    auto agent = co_await BoardAgent::meet(lab, std::move(board), limit);
    if (!agent) co_return std::unexpected(agent.error());
    co_return co_await agent->facts("");
}

/// Meeting and answer together take at most `limit`: one connection that hangs is one try.
Task<std::optional<BoardFacts>> look(Lab& lab, BoardSpec board, std::chrono::milliseconds limit) {
    Task<Result<BoardFacts>> asking = facts_of(lab, std::move(board), limit);
    auto facts = co_await within(lab.clock, limit, std::move(asking), "the board");
    if (!facts) co_return std::nullopt;
    co_return *facts;
}

/// The climb of one recovery: remembers what was tried.
class Ladder {
  public:
    Ladder(Lab& lab, Chronicle& chronicle, BoardOnLease board)
        : lab_(lab), chronicle_(chronicle), board_(board) {}

    Task<Result<BoardFacts>> climb() {
        begin(look_limit);
        std::optional<BoardFacts> now = co_await look(lab_, board_.spec, look_limit);
        const auto still = board_.home_by - lab_.clock.steady();
        board_.home_by = 0ms;
        if (still > 0ms && (!now || !is_known_good(board_.spec, *now))) {
            const BoardSpec& spec = board_.spec;
            const auto home = [&spec](const BoardFacts& f) { return is_known_good(spec, f); };
            now = co_await wait_for_board(lab_, spec, still, home);
        }
        if (now && is_known_good(board_.spec, *now)) co_return *now;
        limit_ += std::max(still, 0ms);
        if (now) {
            last_release_ = now->release;
            Home home = co_await by_agent("agent reboot", false);
            if (!is_over(home)) home = co_await by_agent("sysrq", true);
            if (is_over(home)) co_return end_of(home);
        } else {
            trouble_ = true;
            auto told = tell("new session", false, "the board does not answer");
            if (!told) co_return std::unexpected(told.error());
        }
        Task<Home> last_rungs = board_.power.available() ? by_switch() : by_waiting();
        Home home = co_await std::move(last_rungs);
        if (is_over(home)) co_return end_of(home);
        co_return park();
    }

  private:
    /// What a rung came to: the facts of a board that is home, or nothing.
    /// Errors: the journal's; whoever comes again looks at the board first.
    using Home = Result<std::optional<BoardFacts>>;

    /// No other rung is climbed.
    static bool is_over(const Home& home) { return !home || home->has_value(); }
    static Result<BoardFacts> end_of(const Home& home) {
        if (!home) return std::unexpected(home.error());
        return **home;
    }

    /// A rung is begun that may take so long.
    void begin(std::chrono::milliseconds limit) {
        begun_ = lab_.clock.steady();
        limit_ = limit;
    }
    Result<void> tell(std::string rung, bool worked, std::string detail) {
        using Seconds = std::chrono::duration<double>;
        const double took = Seconds(lab_.clock.steady() - begun_).count();
        return chronicle_.record(RecoveryTried{board_.spec.name, std::move(rung), worked,
                                               std::move(detail), took, Seconds(limit_).count()});
    }
    /// The same of a rung that has been climbed, and that the board is home where it is.
    Home tried(std::string rung, std::optional<BoardFacts> facts, std::string detail) {
        auto told = tell(std::move(rung), facts.has_value(), std::move(detail));
        if (told && facts)
            told = chronicle_.record(BoardRecovered{board_.spec.name, facts->boot_id});
        if (!told) return std::unexpected(told.error());
        return facts;
    }
    /// What the board runs instead of its known-good kernel; empty: it is silent.
    void remember(const std::optional<BoardFacts>& facts) {
        last_release_ = facts ? facts->release : "";
    }

    /// Waits for the known-good kernel; a test kernel that answers is rebooted once, because the
    /// boot that was armed for it may only have been used up now.
    Task<std::optional<BoardFacts>> wait_home() {
        const BoardSpec& spec = board_.spec;
        const auto anything = [](const BoardFacts&) { return true; };
        auto facts = co_await wait_for_board(lab_, spec, spec.boot_deadline, anything);
        if (facts && !is_known_good(spec, *facts)) {
            co_await reboot_if_reachable(false);
            const auto home = [&spec](const BoardFacts& f) { return is_known_good(spec, f); };
            facts = co_await wait_for_board(lab_, spec, spec.boot_deadline, home);
        }
        remember(facts);
        if (!facts || !is_known_good(spec, *facts)) co_return std::nullopt;
        co_return facts;
    }

    /// How long `wait_home` may take.
    std::chrono::milliseconds home_limit() const {
        return asking_limit + 2 * std::chrono::milliseconds(board_.spec.boot_deadline);
    }

    Task<bool> reboot_if_reachable(bool by_sysrq) {
        Task<Result<void>> asking = ask_for_reboot(by_sysrq);
        auto asked = co_await within(lab_.clock, asking_limit, std::move(asking), "the board");
        co_return asked.has_value();
    }

    Task<Result<void>> ask_for_reboot(bool by_sysrq) {
        auto agent = co_await BoardAgent::meet(lab_, board_.spec, meeting_limit);
        if (!agent) co_return std::unexpected(agent.error());
        if (!board_.spec.deploy.disarm.empty()) {
            // Best effort: a board that cannot do this is power cycled next.
            auto disarmed = co_await agent->command("disarm", board_.spec.deploy.disarm,
                                                    board_.spec.deploy.image);
            // Where the journal does not take that, it does not take the rung's own event either.
            if (!disarmed) std::ignore = tell("disarm", false, disarmed.error().what);
        }
        if (by_sysrq) co_return co_await agent->sysrq('b');
        co_return co_await agent->reboot();
    }

    Task<Home> by_agent(std::string rung, bool by_sysrq) {
        begin(asking_limit + board_.spec.boot_deadline);
        const bool asked = co_await reboot_if_reachable(by_sysrq);
        std::optional<BoardFacts> facts;
        if (asked) {
            const BoardSpec& spec = board_.spec;
            const auto home = [&spec](const BoardFacts& f) { return is_known_good(spec, f); };
            facts = co_await wait_for_board(lab_, spec, spec.boot_deadline, home);
            remember(facts);
            if (facts && !is_known_good(spec, *facts)) facts.reset();
        }
        // A board that goes home at the first word is no recovery, only the end of an attempt.
        if (facts && !trouble_) co_return facts;
        trouble_ = true;
        std::string detail = facts   ? "runs its known-good kernel"
                             : asked ? "the known-good kernel did not come"
                                     : "the board did not take the command";
        co_return tried(std::move(rung), std::move(facts), std::move(detail));
    }

    /// How long the switch may take for one order.
    std::chrono::milliseconds order_limit() const {
        return switch_limit + board_.spec.power.off_time;
    }
    Task<Result<void>> ordered(Task<Result<void>> order) {
        co_return co_await within(lab_.clock, order_limit(), std::move(order), "the power switch");
    }
    Task<Result<void>> cycle() { return ordered(board_.power.cycle()); }

    /// Dark for as long as it takes; where the switch cannot leave a board off, a cycle after the
    /// same time.
    Task<Result<void>> cold_start() {
        Power& power = board_.power;
        if (power.can_stay_off()) {
            auto is_off = co_await ordered(power.off());
            if (!is_off) co_return is_off;
        }
        co_await lab_.clock.sleep_for(cold_wait);
        if (!power.can_stay_off()) co_return co_await cycle();
        auto is_on = co_await ordered(power.on());
        // A board that was switched off by us is not left so for one refusal.
        if (!is_on) is_on = co_await ordered(power.on());
        co_return is_on;
    }

    Task<Home> by_switch() {
        for (int twice = 0; twice < 2; ++twice) {
            Task<Result<void>> cycling = cycle();
            Home home = co_await by_power("power cycle", order_limit(), std::move(cycling));
            if (is_over(home)) co_return home;
        }
        const auto limit = cold_wait + 3 * order_limit();
        Task<Result<void>> starting = cold_start();
        co_return co_await by_power("cold wait", limit, std::move(starting));
    }

    /// Without a switch: a watchdog or "panic=N" may do it, or a person.
    Task<Home> by_waiting() {
        begin(home_limit());
        std::optional<BoardFacts> facts = co_await wait_home();
        std::string detail =
            facts ? "runs its known-good kernel" : "the known-good kernel did not come";
        co_return tried("wait", std::move(facts), std::move(detail));
    }

    /// `limit`: of `switching`.
    Task<Home> by_power(std::string rung, std::chrono::milliseconds limit,
                        Task<Result<void>> switching) {
        begin(limit + home_limit());
        auto cycled = co_await std::move(switching);
        std::optional<BoardFacts> facts;
        if (cycled) {
            ++cycles_;
            facts = co_await wait_home();
        } else {
            switch_error_ = describe(cycled.error());
        }
        std::string detail = !cycled ? describe(cycled.error())
                             : facts ? "runs its known-good kernel, boot id " + facts->boot_id
                                     : "the known-good kernel did not come";
        co_return tried(std::move(rung), std::move(facts), std::move(detail));
    }

    /// One sentence: how it is, what was tried, what to look at.
    std::string question() const {
        const std::string& name = board_.spec.name;
        std::string ask = "board " + name;
        ask += last_release_.empty() ? " does not answer"
                                     : " answers, but with kernel " + last_release_ +
                                           " instead of its known-good one";
        if (!board_.power.available())
            return ask + " and has no power switch configured; reset it by hand";
        if (cycles_ == 0)
            return ask + ", and its power switch does not work (" + switch_error_ +
                   "); check the switch and the board";
        ask += cycles_ == 1 ? " after a power cycle"
                            : " after " + std::to_string(cycles_) + " power cycles";
        if (!switch_error_.empty()) ask += " (the switch failed as well: " + switch_error_ + ")";
        return ask + (last_release_.empty()
                          ? "; check its power, its network and its boot medium"
                          : "; check its boot order, or what its file says of the known-good "
                            "kernel (fallback_build_id)");
    }

    Result<BoardFacts> park() {
        const std::string& name = board_.spec.name;
        const std::string ask = question() + ", then: bisectctl boards resume " + name;
        auto told = chronicle_.record(BoardParked{name, ask});
        if (!told) return std::unexpected(told.error());
        return infrastructure("board " + name, ask);
    }

    Lab& lab_;
    Chronicle& chronicle_;
    BoardOnLease board_;
    bool trouble_ = false;
    unsigned cycles_ = 0;  ///< that the switch says it has done
    std::string switch_error_;
    std::string last_release_;  ///< of what answered last; empty: nothing did
    std::chrono::milliseconds begun_{0};
    std::chrono::milliseconds limit_{0};
};

}  // namespace

bool is_known_good(const BoardSpec& board, const BoardFacts& facts) {
    const DeploySpec& deploy = board.deploy;
    if (!deploy.fallback_build_id.empty()) return facts.build_id == deploy.fallback_build_id;
    if (!deploy.fallback_release.empty()) return facts.release == deploy.fallback_release;
    return facts.release.find("-bisect") == std::string::npos;
}

Task<std::optional<BoardFacts>> wait_for_board(Lab& lab, BoardSpec board,
                                               std::chrono::milliseconds limit,
                                               std::function<bool(const BoardFacts&)> enough) {
    const auto until = lab.clock.steady() + limit;
    std::optional<BoardFacts> last;
    std::chrono::milliseconds patience = first_look_limit;
    while (true) {
        // What it said before it fell silent is not how it is: a board that was asked to reboot
        // still answers for a moment, and may then hang.
        last = co_await look(lab, board, patience);
        patience = std::min(patience * 2, look_limit);
        if (last && enough(*last)) co_return last;
        if (lab.clock.steady() >= until) co_return last;
        co_await lab.clock.sleep_for(meeting_pause);
    }
}

Task<void> send_home(Lab& lab, BoardOnLease board) {
    auto agent = co_await BoardAgent::meet(lab, board.spec, meeting_limit);
    if (!agent) co_return;
    auto asked = co_await agent->reboot();
    if (asked) board.home_by = lab.clock.steady() + board.spec.boot_deadline;
}

Task<Result<BoardFacts>> bring_home(Lab& lab, Chronicle& chronicle, BoardOnLease board) {
    Ladder ladder(lab, chronicle, board);
    co_return co_await ladder.climb();
}

}  // namespace bisectd
