#include "tests/sim/decisions/report.hpp"

#include <fmt/format.h>

#include <cmath>

namespace bisectd::simulate {
namespace {

std::string scenario_words(const Scenario& it) {
    std::string words = fmt::format("bug {}", chance_words(it.rate));
    if (it.noise > 0) words += fmt::format(", false alarm {}", chance_words(it.noise));
    if (it.boot_decides) words += ", decided by the boot";
    if (it.symptoms > 1) words += fmt::format(", {} symptoms", it.symptoms);
    words += fmt::format("; build {} s, boot {} s, run {} s; {} board{}", it.build_s, it.boot_s,
                         it.run_s, it.boards, it.boards == 1 ? "" : "s");
    words += it.builders == 0 ? ", attempts build for themselves"
                              : fmt::format(", {} builders apart", it.builders);
    const auto share = [&words](double value, const char* what) {
        if (value > 0) words += fmt::format("; {:.3g} % {}", 100 * value, what);
    };
    share(it.unbuildable, "do not build");
    share(it.unlikely, "touch nothing built");
    share(it.prebuilt, "are built before");
    share(it.broken_boots, "of boots are broken");
    if (it.lie != Scenario::Lie::none)
        words += fmt::format("; one boot lies: {}", it.lie == Scenario::Lie::good ? "good" : "bad");
    words += fmt::format("; {:.3g} % asked", 100 * it.confidence);
    if (it.never_by_chance) words += "; known never to show by chance";
    if (it.proof) words += "; with the final proof";
    if (it.trust_ends) words += "; the ends are trusted";
    if (it.seen_runs > 0)
        words += fmt::format("; seen before: {} hits in {} runs", it.seen_hits, it.seen_runs);
    if (it.hint != Scenario::Hint::none)
        words += it.hint == Scenario::Hint::right ? "; a right hint" : "; a wrong hint";
    return words;
}

std::string row_text(const Row& row, const Bound& bound, bool cpu) {
    const Summary& it = row.summary;
    std::string text = fmt::format(
        "{:<26} {:>6.1f} {:>6.1f} {:>6.1f} {:>7} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>9.0f} "
        "{:>9.0f} {:>9.0f} {:>6.2f}",
        row.algorithm, 100 * it.right, 100 * it.contains, 100 * it.claimed, it.silently_wrong,
        it.boots, it.commits, it.builds, it.failed_builds, it.runs, it.wall_s, it.wall_p95_s,
        it.wall_s / bound.wall_s);
    if (cpu) text += fmt::format(" {:>8.2f}", 1000 * it.cpu_s);
    return text + "\n";
}

/// Sentences on each row that the columns do not say.
std::string remarks(const Report& report) {
    std::string text;
    for (const Row& row : report.rows) {
        const Summary& it = row.summary;
        text += fmt::format("{}: {} in the mean, 19 of 20 within {}.\n", row.algorithm,
                            duration(it.wall_s), duration(it.wall_p95_s));
        if (it.gave_up > 0)
            text +=
                fmt::format("{}: {} bisects ended without an answer.\n", row.algorithm, it.gave_up);
        if (it.halvings_most > 0)
            text += fmt::format(
                "{}: where it was right it took at most {:.1f} times a halving that knows the "
                "rates, {:.1f} times in half of the bisects, {:.1f} times in 99 of 100.\n",
                row.algorithm, it.halvings_most, it.halvings_median, it.halvings_p99);
        if (report.scenario.lie != Scenario::Lie::none)
            text += fmt::format("{}: the lie was told in {} of {} bisects.\n", row.algorithm,
                                it.lied_to, it.bisects);
        if (it.estimates > 0)
            text += fmt::format(
                "{}: said after the bad end was seen: {} in the mean; kept within a factor of 1.5 "
                "by {:.0f} % of {}.\n",
                row.algorithm, duration(it.said_s), 100 * it.estimates_kept, it.estimates);
    }
    return text;
}

const char* json_name(Scenario::Lie lie) {
    if (lie == Scenario::Lie::none) return "null";
    return lie == Scenario::Lie::good ? "\"good\"" : "\"bad\"";
}
const char* json_name(Scenario::Hint hint) {
    if (hint == Scenario::Hint::none) return "null";
    return hint == Scenario::Hint::right ? "\"right\"" : "\"wrong\"";
}

std::string row_json(const Row& row, bool cpu) {
    const Summary& it = row.summary;
    std::string json = fmt::format(
        R"({{"algorithm":"{}","bisects":{},"right":{:.6g},"contains":{:.6g},"claimed":{:.6g},)"
        R"("silently_wrong":{},"warned":{},"gave_up":{},"lied_to":{},"boots":{:.6g},)"
        R"("commits":{:.6g},"builds":{:.6g},"failed_builds":{:.6g},"runs":{:.6g},)"
        R"("wall_s":{:.6g},"wall_error_s":{:.6g},"wall_p95_s":{:.6g},"estimates":{},)"
        R"("estimates_kept":{:.6g},"said_s":{:.6g},"halvings_median":{:.6g},)"
        R"("halvings_p99":{:.6g},"halvings_most":{:.6g})",
        row.algorithm, it.bisects, it.right, it.contains, it.claimed, it.silently_wrong, it.warned,
        it.gave_up, it.lied_to, it.boots, it.commits, it.builds, it.failed_builds, it.runs,
        it.wall_s, it.wall_error_s, it.wall_p95_s, it.estimates, it.estimates_kept, it.said_s,
        it.halvings_median, it.halvings_p99, it.halvings_most);
    if (cpu) json += fmt::format(R"(,"cpu_s":{:.6g})", it.cpu_s);
    return json + "}";
}

}  // namespace

std::string duration(double seconds) {
    const auto minutes = static_cast<long>(std::lround(seconds / 60));
    if (seconds < 120) return fmt::format("{:.0f} s", seconds);
    if (minutes < 120) return fmt::format("{} min", minutes);
    return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string chance_words(double chance) {
    if (chance >= 1) return "always";
    const double one_in = 1 / chance;
    if (chance < 0.1 && std::abs(one_in - std::round(one_in)) < 1e-6 * one_in)
        return fmt::format("1 in {:.0f}", one_in);
    return fmt::format("{:g}", chance);
}

Bound bound_of(const Report& report) {
    return information_bound(report.scenario, report.rows.front().summary.information);
}

std::string as_text(const Report& report) {
    const Bound bound = bound_of(report);
    std::string text =
        fmt::format("seed {}, {} bisects, {}\n{}\n\n", report.scenario.seed,
                    report.scenario.bisects, report.range, scenario_words(report.scenario));
    text += fmt::format(
        "{:<26} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9} {:>6}{}\n", "",
        "right%", "holds%", "claim%", "silent", "boots", "commits", "builds", "failed", "runs",
        "wall s", "p95 s", "/bound", report.cpu ? "   CPU ms" : "");
    for (const Row& row : report.rows) text += row_text(row, bound, report.cpu);
    text += fmt::format("{:<26} {:>20} {:>7} {:>7} {:>7.2f} {:>15} {:>9.0f} {:>9.0f}\n",
                        "bound (one board, serial)", "", "", "", bound.commits, "", bound.runs,
                        bound.wall_s);
    return text + "\n" + remarks(report);
}

std::string as_json(const Report& report) {
    const Scenario& it = report.scenario;
    const Bound bound = bound_of(report);
    std::string json = fmt::format(
        R"({{"seed":{},"bisects":{},"range":"{}","scenario":{{"rate":{:g},"noise":{:g},)"
        R"("unbuildable":{:g},"unlikely":{:g},"prebuilt":{:g},"broken_boots":{:g},"build_s":{:g},)"
        R"("boot_s":{:g},"run_s":{:g},"boards":{},"builders":{},"confidence":{:g},)"
        R"("trust_ends":{},"seen_hits":{},"seen_runs":{},"symptoms":{},"boot_decides":{},)"
        R"("proof":{},"lie":{},"hint":{}}},)"
        R"("bound":{{"commits":{:.6g},"runs":{:.6g},"wall_s":{:.6g}}},"algorithms":[)",
        it.seed, it.bisects, report.range, it.rate, it.noise, it.unbuildable, it.unlikely,
        it.prebuilt, it.broken_boots, it.build_s, it.boot_s, it.run_s, it.boards, it.builders,
        it.confidence, it.trust_ends, it.seen_hits, it.seen_runs, it.symptoms, it.boot_decides,
        it.proof, json_name(it.lie), json_name(it.hint), bound.commits, bound.runs, bound.wall_s);
    for (std::size_t row = 0; row < report.rows.size(); ++row)
        json += (row > 0 ? "," : "") + row_json(report.rows[row], report.cpu);
    return json + "]}\n";
}

}  // namespace bisectd::simulate
