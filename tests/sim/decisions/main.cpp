#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>

#include "tests/sim/decisions/engine_bisect.hpp"
#include "tests/sim/decisions/hunt.hpp"
#include "tests/sim/decisions/scenario_table.hpp"

namespace bisectd::simulate {
namespace {

/// What the command line asks for.
struct Wish {
    Scenario scenario;
    std::string history, repository, range, seen, hunt;
    std::size_t chain = 0;
    unsigned jobs = 2;
    bool json = false, table = false, alone = false, no_cpu = false;
    long story = -1;
    TableWish table_wish;
};

void add_scenario(CLI::App& app, Scenario& it) {
    app.add_option("--rate", it.rate, "chance that one run on a bad commit shows the bug")
        ->check(CLI::Range(1e-6, 1.0));
    app.add_option("--noise", it.noise, "chance that one run on a good commit shows it")
        ->check(CLI::Range(0.0, 0.5));
    app.add_flag("--boot-decides", it.boot_decides, "a boot shows it in all runs or in none");
    app.add_option("--symptoms", it.symptoms, "looked for together")->check(CLI::Range(1, 4));
    app.add_option("--unbuildable", it.unbuildable, "share of commits that do not build")
        ->check(CLI::Range(0.0, 0.9));
    app.add_option("--unlikely", it.unlikely, "share of commits that touch nothing built")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--prebuilt", it.prebuilt, "share of commits whose artefact exists")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--broken-boots", it.broken_boots, "share of boots that always or never hit")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--build", it.build_s, "seconds of a build")->check(CLI::NonNegativeNumber);
    app.add_option("--boot", it.boot_s, "seconds of deploy and boot")->check(CLI::PositiveNumber);
    app.add_option("--run", it.run_s, "seconds of a run")->check(CLI::PositiveNumber);
    app.add_option("--boards", it.boards, "boards")->check(CLI::Range(1, 64));
    app.add_option("--builders", it.builders, "builders apart; 0: attempts build for themselves")
        ->check(CLI::Range(0, 64));
    app.add_option("--confidence", it.confidence, "asked for")->check(CLI::Range(0.5, 0.9999));
    app.add_option("--broken-boot-prior", it.broken_boot_prior,
                   "what the engine takes for the share of broken boots")
        ->check(CLI::Range(0.0, 0.5));
    app.add_flag("--trust-ends", it.trust_ends, "the ends are believed, untested");
    app.add_flag("--never-by-chance", it.never_by_chance,
                 "the engine knows that no good commit shows it");
    app.add_flag("!--no-proof-follows", it.proof_follows,
                 "the engine is not told that the daemon proves its answer");
    app.add_flag("--proof", it.proof, "the culprit and its parents are tested again at the end");
    app.add_option("--hint", it.hint, "a commit named in advance: right or wrong")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Scenario::Hint>{
            {"right", Scenario::Hint::right}, {"wrong", Scenario::Hint::wrong}}));
    app.add_option("--one-lie", it.lie, "one boot that falsely says good or bad")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Scenario::Lie>{
            {"good", Scenario::Lie::good}, {"bad", Scenario::Lie::bad}}));
    app.add_option("--git-repeats", it.git_repeats,
                   "runs a step of 'git bisect xN'; 0: the best N");
    app.add_flag("--estimate", it.estimate,
                 "compare the time said after the bad end with what came");
    app.add_option("--seed", it.seed, "of every draw");
    app.add_option("--trials", it.bisects, "virtual bisects, or bisects a cell of the table")
        ->check(CLI::Range(1, 1'000'000));
}

void add_experiment(CLI::App& app, Wish& wish) {
    auto* ranges = app.add_option_group("range");
    ranges->add_option("--history", wish.history,
                       "file: a commit id and its parents' lines a line");
    ranges->add_option("--chain", wish.chain, "a line of so many commits");
    auto* repository = ranges->add_option("--repo", wish.repository, "a git repository");
    app.add_option("--range", wish.range, "A..B, in --repo")->needs(repository);
    ranges->require_option(0, 1);
    app.add_option("--seen", wish.seen, "HITS/RUNS of the bad end, known before");
    app.add_option("--jobs", wish.jobs, "threads")->check(CLI::Range(1, 256));
    app.add_flag("--json", wish.json, "one JSON object");
    app.add_flag("--no-rivals", wish.alone, "without git bisect");
    app.add_flag("--no-cpu", wish.no_cpu, "without CPU times: the same seed, the same bytes");
    app.add_option("--story", wish.story, "tell the bisect of this number, event by event");
    app.add_flag("--table", wish.table, "the scenario table with the engine's goals (Markdown)");
    app.add_flag("--slow-cells", wish.table_wish.slow_cells,
                 "with the table's rare bugs among many unbuildable commits or false alarms");
    app.add_option("--prototype", wish.table_wish.prototype,
                   "a built prototype to run for the same cells");
    app.add_option("--hunt", wish.hunt, "a real hunt: brk");
}

Result<> read_seen(Wish& wish) {
    if (wish.seen.empty()) return {};
    const std::size_t slash = wish.seen.find('/');
    unsigned long long hits = 0, runs = 0;
    const bool numbers = slash != std::string::npos &&
                         CLI::detail::lexical_cast(wish.seen.substr(0, slash), hits) &&
                         CLI::detail::lexical_cast(wish.seen.substr(slash + 1), runs);
    if (!numbers || runs == 0 || hits > runs)
        return wrong_request("--seen", "should be HITS/RUNS, such as 3/2400");
    wish.scenario.seen_hits = hits;
    wish.scenario.seen_runs = runs;
    return {};
}

Result<Ground> ground(const Wish& wish) {
    Result<Range> range = !wish.history.empty()      ? history_file(wish.history)
                          : !wish.repository.empty() ? repository_range(wish.repository, wish.range)
                                                     : chain(wish.chain > 0 ? wish.chain : 1000);
    if (!range) return std::unexpected(range.error());
    const std::string name = !wish.history.empty()
                                 ? std::filesystem::path(wish.history).stem().string()
                             : !wish.repository.empty() ? wish.range
                                                        : "chain";
    return ground_of(std::move(*range), name, wish.jobs);
}

Result<std::string> story(const Ground& on, const Scenario& scenario, long number) {
    std::string text;
    engine_bisect(Truth(on.range, scenario, static_cast<std::uint64_t>(number)), on.ancestry,
                  &text);
    return text;
}

Result<std::string> answer(Wish& wish) {
    if (Result<> seen = read_seen(wish); !seen) return std::unexpected(seen.error());
    const Scenario& scenario = wish.scenario;
    if (!wish.hunt.empty()) return play_hunt(wish.hunt, wish.jobs, scenario.seed, scenario.bisects);
    const Result<Ground> on = ground(wish);
    if (!on) return std::unexpected(on.error());
    if (wish.story >= 0) return story(*on, scenario, wish.story);
    if (wish.table) {
        wish.table_wish.trials = scenario.bisects;
        wish.table_wish.seed = scenario.seed;
        wish.table_wish.history = std::filesystem::path(wish.history).stem().string();
        return scenario_table(*on, wish.table_wish);
    }
    fmt::print(stderr, "seed {}\n", scenario.seed);
    Report report = compare(*on, scenario, !wish.alone);
    report.cpu = !wish.no_cpu;
    return wish.json ? as_json(report) : as_text(report);
}

int run(int argc, char** argv) {
    Wish wish;
    CLI::App app("Plays virtual bisects with bisectd's decision engine and with git bisect.");
    add_scenario(app, wish.scenario);
    add_experiment(app, wish);
    CLI11_PARSE(app, argc, argv);
    const bool given = app.count("--trials") > 0;
    if (!given && (wish.table || !wish.hunt.empty())) wish.scenario.bisects = 100;
    const Result<std::string> text = answer(wish);
    if (!text) {
        fmt::print(stderr, "bisectd-simulate: {}\n", describe(text.error()));
        return 2;
    }
    fmt::print("{}", *text);
    return 0;
}

}  // namespace
}  // namespace bisectd::simulate

int main(int argc, char** argv) {
    return bisectd::simulate::run(argc, argv);
}
