#include "tests/sim/decisions/cells.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "tests/sim/decisions/git_bisect.hpp"

namespace bisectd::simulate {
namespace {

/// Plays cells one after the other; the first error of the prototype ends it.
class Dealer {
  public:
    Dealer(const Ground& ground, const TableWish& wish) : ground_(ground), wish_(wish) {}

    Scenario plain(double rate) const {
        Scenario scenario;
        scenario.rate = rate;
        scenario.bisects = wish_.trials;
        scenario.seed = wish_.seed;
        return scenario;
    }

    Result<Cell> play(const Scenario& scenario, bool with_git = false) {
        Cell cell{.scenario = scenario,
                  .ours = play_engine(ground_, scenario),
                  .bound = {},
                  .git = {},
                  .prototype = {}};
        cell.bound = information_bound(scenario, cell.ours.information);
        if (with_git) {
            const BestRepeats best =
                best_repeats(ground_.range, scenario, ground_.jobs, cell.ours.right);
            cell.git = Row{fmt::format("x{}{}", best.repeats, best.reached ? "" : " (best)"),
                           best.summary};
        }
        cell.prototype = published_figure(scenario);
        if (!wish_.prototype.empty()) {
            const auto figure = measured_figure(wish_.prototype, wish_.history, scenario);
            if (!figure) return std::unexpected(figure.error());
            cell.prototype = *figure;
        }
        fmt::print(stderr,
                   "cell {}: {}, noise {}, unbuildable {}, {} boards, {} builders, asked {}: "
                   "right {:.3f}, claimed {:.3f}, {:.0f} s, CPU {:.1f} ms\n",
                   ++played_, chance_words(scenario.rate), scenario.noise, scenario.unbuildable,
                   scenario.boards, scenario.builders, scenario.confidence, cell.ours.right,
                   cell.ours.claimed, cell.ours.wall_s, 1000 * cell.ours.cpu_s);
        return cell;
    }

    /// Plays `scenario` into `cells`.
    Result<> add(std::vector<Cell>& cells, const Scenario& scenario, bool with_git = false) {
        Result<Cell> cell = play(scenario, with_git);
        if (!cell) return std::unexpected(cell.error());
        cells.push_back(std::move(*cell));
        return {};
    }

  private:
    const Ground& ground_;
    const TableWish& wish_;
    unsigned played_ = 0;
};

Result<> play_calibration(Dealer& dealer, const TableWish& wish, Cells& cells) {
    for (const double rate : table_rates)
        for (const double noise : table_noises)
            for (const double unbuildable : table_unbuildable)
                for (const double confidence : table_confidences) {
                    Scenario scenario = dealer.plain(rate);
                    scenario.noise = noise;
                    scenario.unbuildable = unbuildable;
                    scenario.confidence = confidence;
                    const bool with_git = confidence < 0.99;
                    const bool slow =
                        (rate < 0.05 && unbuildable > 0.1) || (rate < 0.005 && noise > 0);
                    if (slow && !wish.slow_cells) {
                        cells.calibration.emplace_back();
                        continue;
                    }
                    if (Result<> done = dealer.add(cells.calibration, scenario, with_git); !done)
                        return done;
                }
    return {};
}

Result<> play_laboratories(Dealer& dealer, Cells& cells) {
    for (const double rate : table_rates) {
        Scenario seen = dealer.plain(rate);
        seen.seen_hits = 3;
        seen.seen_runs = static_cast<std::uint64_t>(3 / rate);
        if (Result<> done = dealer.add(cells.seen, seen); !done) return done;
        for (const unsigned boards : table_boards) {
            Scenario scenario = dealer.plain(rate);
            scenario.boards = boards;
            if (Result<> done = dealer.add(cells.boards, scenario); !done) return done;
        }
        Scenario builders = dealer.plain(rate);
        builders.builders = 4;
        if (Result<> done = dealer.add(cells.builders, builders); !done) return done;
        Scenario prebuilt = dealer.plain(rate);
        prebuilt.prebuilt = 0.25;
        if (Result<> done = dealer.add(cells.prebuilt, prebuilt); !done) return done;
    }
    return {};
}

Result<> play_lies(Dealer& dealer, Cells& cells) {
    for (const double rate : {1.0, 0.1})
        for (const Scenario::Lie lie : {Scenario::Lie::good, Scenario::Lie::bad}) {
            Scenario scenario = dealer.plain(rate);
            scenario.lie = lie;
            scenario.proof = true;
            if (Result<> done = dealer.add(cells.lies, scenario); !done) return done;
        }
    return {};
}

Result<> play_singles(Dealer& dealer, const Ground& ground, Cells& cells) {
    const auto single = [&dealer](Cell& into, const Scenario& scenario) -> Result<> {
        Result<Cell> cell = dealer.play(scenario);
        if (!cell) return std::unexpected(cell.error());
        into = std::move(*cell);
        return {};
    };
    Scenario trusted = dealer.plain(1);
    trusted.trust_ends = true;
    if (Result<> done = single(cells.trusted, trusted); !done) return done;
    cells.trusted_git =
        summarise(play_all(ground.range, trusted, ground.jobs,
                           [](const Truth& truth) { return git_bisect(truth, 1); }));
    Scenario broken = dealer.plain(1);
    broken.broken_boots = 0.01;
    broken.proof = true;  // what the search leaves to the proof
    if (Result<> done = single(cells.broken_boots, broken); !done) return done;
    Scenario unlikely = dealer.plain(1);
    unlikely.unlikely = 0.8;
    if (Result<> done = single(cells.unlikely_told, unlikely); !done) return done;
    unlikely.tell_unlikely = false;
    return single(cells.unlikely_untold, unlikely);
}

}  // namespace

Result<Cells> play_cells(const Ground& ground, const TableWish& wish) {
    Dealer dealer(ground, wish);
    Cells cells;
    if (Result<> done = play_calibration(dealer, wish, cells); !done)
        return std::unexpected(done.error());
    if (Result<> done = play_laboratories(dealer, cells); !done)
        return std::unexpected(done.error());
    if (Result<> done = play_lies(dealer, cells); !done) return std::unexpected(done.error());
    if (Result<> done = play_singles(dealer, ground, cells); !done)
        return std::unexpected(done.error());
    return cells;
}

}  // namespace bisectd::simulate
