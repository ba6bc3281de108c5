#include "core/engine/gauge.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/engine/partition.hpp"

namespace bisectd::engine {
namespace {

constexpr std::uint32_t no_cell = 0xffffffffU;
/// Outcomes of pending tests that are looked at; the rest is too unlikely to matter.
constexpr std::size_t most_outcomes = 24;
constexpr double least_chance = 1e-4;

}  // namespace

Gauge::Gauge(const Scene& scene, std::size_t column, const std::vector<PendingTest>& pending)
    : scene_(scene), belief_(scene.beliefs[column]) {
    std::vector<PendingTest> some = pending;
    if (some.size() > Ancestry::tips_a_sweep) some.resize(Ancestry::tips_a_sweep);
    make_cells(some);
    imagine(some);
    share_candidates();
    doubt_candidates(column);
}

void Gauge::make_cells(const std::vector<PendingTest>& pending) {
    const CommitIndex size = scene_.ancestry.size();
    const auto& classes = belief_.classes();
    // The doubts come first, each a cell of its own.
    std::uint64_t everywhere = 0;
    for (std::size_t i = 0; i < pending.size(); ++i) everywhere |= std::uint64_t{1} << i;
    cells_.push_back({Belief::older, classes[Belief::older].tilted_mass, everywhere});
    cells_.push_back({Belief::not_here, classes[Belief::not_here].tilted_mass, 0});

    std::vector<std::uint32_t> part_of(size);
    for (CommitIndex i = 0; i < size; ++i) part_of[i] = belief_.class_of(i);
    std::vector<std::uint64_t> masks;
    if (std::any_of(pending.begin(), pending.end(),
                    [](const PendingTest& test) { return !test.at.outside; })) {
        std::vector<CommitIndex> tips;
        std::vector<std::size_t> test_of;
        for (std::size_t i = 0; i < pending.size(); ++i) {
            if (pending[i].at.outside) continue;
            tips.push_back(pending[i].at.index);
            test_of.push_back(i);
        }
        masks = scene_.ancestry.reached_from(tips);
        if (tips.size() != pending.size())
            for (std::uint64_t& mask : masks) {
                std::uint64_t spread = 0;
                for (std::size_t i = 0; i < tips.size(); ++i)
                    spread |= (mask >> i & 1) << test_of[i];
                mask = spread;
            }
    } else {
        masks.assign(size, 0);
    }
    const std::vector<Part> parts = refine(part_of, masks);
    std::vector<std::uint32_t> cell_of_part(parts.size(), no_cell);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].of == Belief::no_class ||
            classes[parts[i].of].tilted_mass <= Belief::negligible)
            continue;
        cell_of_part[i] = static_cast<std::uint32_t>(cells_.size());
        cells_.push_back({parts[i].of, 0, parts[i].mask});
    }
    cell_of_.resize(size);
    for (CommitIndex i = 0; i < size; ++i) {
        cell_of_[i] = cell_of_part[part_of[i]];
        if (cell_of_[i] == no_cell) continue;
        Cell& cell = cells_[cell_of_[i]];
        cell.mass += classes[cell.of].tilted_mass * belief_.tilted_share(i);
    }
}

void Gauge::imagine(const std::vector<PendingTest>& pending) {
    Outcome now;
    for (const Cell& cell : cells_) now.mass.push_back(cell.mass);
    outcomes_.push_back(now);
    for (std::size_t test = 0; test < pending.size(); ++test) {
        std::vector<Outcome> more;
        for (const Outcome& before : outcomes_) {
            for (bool hit : {false, true}) {
                Outcome after = before;
                double sum = 0;
                for (std::size_t k = 0; k < cells_.size(); ++k) {
                    const SuspectClass& of = belief_.classes()[cells_[k].of];
                    if (of.clean_bad.empty()) {
                        after.mass[k] = 0;
                        continue;
                    }
                    const double clean = (cells_[k].bad_at >> test & 1) != 0
                                             ? of.clean_bad[pending[test].length]
                                             : of.clean_good[pending[test].length];
                    sum += after.mass[k] *= hit ? 1 - clean : clean;
                }
                if (before.chance * sum < least_chance) continue;
                for (double& mass : after.mass) mass /= sum;
                after.chance = before.chance * sum;
                more.push_back(std::move(after));
            }
        }
        std::sort(more.begin(), more.end(),
                  [](const Outcome& a, const Outcome& b) { return a.chance > b.chance; });
        if (more.size() > most_outcomes) more.resize(most_outcomes);
        outcomes_ = std::move(more);
    }
    double sum = 0;
    for (const Outcome& outcome : outcomes_) sum += outcome.chance;
    for (Outcome& outcome : outcomes_) outcome.chance /= sum;
}

void Gauge::share_candidates() {
    const auto& candidates = scene_.candidates;
    bad_part_.assign(candidates.size(), std::vector<double>(cells_.size(), 0));
    for (auto& part : bad_part_) part[Belief::older] = 1;
    const CommitIndex size = scene_.ancestry.size();
    for (std::size_t batch = 0; batch < scene_.reach.size(); ++batch) {
        const std::vector<std::uint64_t>& reach = scene_.reach[batch];
        // Neighbours mostly are of one cell and under the same candidates: added up first.
        double mass = 0;
        std::uint64_t mask = 0;
        std::uint32_t cell = no_cell;
        const auto add_up = [&] {
            if (cell == no_cell || mass <= 0) return;
            for (std::uint64_t bits = mask; bits != 0; bits &= bits - 1)
                bad_part_[batch * Ancestry::tips_a_sweep +
                          static_cast<std::size_t>(std::countr_zero(bits))][cell] += mass;
        };
        for (CommitIndex i = 0; i < size; ++i) {
            if (cell_of_[i] != cell || reach[i] != mask) {
                add_up();
                mass = 0;
                cell = cell_of_[i];
                mask = reach[i];
            }
            if (cell != no_cell)
                mass += belief_.classes()[cells_[cell].of].tilted_mass * belief_.tilted_share(i);
        }
        add_up();
    }
    for (auto& part : bad_part_)
        for (std::size_t k = Belief::first_real; k < cells_.size(); ++k)
            part[k] = cells_[k].mass > 0 ? std::min(1.0, part[k] / cells_[k].mass) : 0;
}

void Gauge::doubt_candidates(std::size_t column) {
    tells_.assign(scene_.candidates.size(), 1);
    if (!scene_.of_column[column]) return;
    const Testability& testability = *scene_.of_column[column];
    for (std::size_t i = 0; i < tells_.size(); ++i) {
        const Spot at = scene_.candidates[i].at;
        if (at.outside) continue;
        const double testable = 1 - scene_.testability.untestable(at.index);
        const double tells = 1 - testability.untestable(at.index);
        if (tells < testable) tells_[i] = tells / testable;
    }
}

double Gauge::bad(std::size_t candidate) const {
    double bad = 0;
    for (std::size_t k = 0; k < cells_.size(); ++k) bad += cells_[k].mass * bad_part_[candidate][k];
    return bad;
}

double Gauge::most_bits(std::size_t candidate) const {
    double bits = 0;
    for (const Outcome& outcome : outcomes_) {
        double bad = 0;
        for (std::size_t k = 0; k < cells_.size(); ++k)
            bad += outcome.mass[k] * bad_part_[candidate][k];
        bits += outcome.chance * entropy(bad);
    }
    return tells_[candidate] * bits;
}

Gauge::Curve Gauge::curve(std::size_t candidate) const {
    std::vector<Clean> clean;
    for (const Cell& cell : cells_) {
        const SuspectClass& of = belief_.classes()[cell.of];
        if (of.clean_bad.empty()) {  // too light to matter
            clean.push_back({nullptr, nullptr, nullptr, nullptr});
            continue;
        }
        clean.push_back({of.clean_bad.data(), of.clean_good.data(), of.entropy_bad.data(),
                         of.entropy_good.data()});
    }
    return curve_with(candidate, clean);
}

Gauge::Curve Gauge::curve_on(std::size_t candidate, Count open) const {
    if (open.runs == 0) return curve(candidate);
    const std::size_t lengths = belief_.rates().lengths().size();
    // Bad, good and their entropies, one after the other.
    std::vector<std::vector<double>> tables(cells_.size());
    std::vector<Clean> clean;
    const std::vector<double> broken_bad = belief_.broken_given(true, open);
    const std::vector<double> broken_good = belief_.broken_given(false, open);
    for (std::size_t k = 0; k < cells_.size(); ++k) {
        std::vector<double>& table = tables[k];
        if (cells_[k].mass < Belief::negligible) {  // too light to matter
            clean.push_back({nullptr, nullptr, nullptr, nullptr});
            continue;
        }
        table = belief_.clean_after(cells_[k].of, true, open, broken_bad);
        const std::vector<double> good =
            belief_.clean_after(cells_[k].of, false, open, broken_good);
        table.insert(table.end(), good.begin(), good.end());
        for (std::size_t n = 0; n < 2 * lengths; ++n) table.push_back(entropy(table[n]));
        clean.push_back({table.data(), table.data() + lengths, table.data() + 2 * lengths,
                         table.data() + 3 * lengths});
    }
    return curve_with(candidate, clean);
}

Gauge::Curve Gauge::curve_with(std::size_t candidate, const std::vector<Clean>& clean) const {
    const std::size_t lengths = belief_.rates().lengths().size();
    const std::vector<double>& bad_part = bad_part_[candidate];
    Curve curve{std::vector<double>(lengths, 0), std::vector<double>(lengths, 0)};
    std::vector<double> no_hit(lengths), left_open(lengths);
    for (const Outcome& outcome : outcomes_) {
        std::fill(no_hit.begin(), no_hit.end(), 0);
        std::fill(left_open.begin(), left_open.end(), 0);
        for (std::size_t k = 0; k < cells_.size(); ++k) {
            if (outcome.mass[k] < 1e-10 || clean[k].bad == nullptr) continue;
            const double bad = outcome.mass[k] * bad_part[k];
            const double good = outcome.mass[k] - bad;
            const Clean& of = clean[k];
            for (std::size_t n = 0; n < lengths; ++n) {
                no_hit[n] += bad * of.bad[n] + good * of.good[n];
                left_open[n] += bad * of.entropy_bad[n] + good * of.entropy_good[n];
            }
        }
        for (std::size_t n = 0; n < lengths; ++n)
            curve.bits[n] += outcome.chance * (entropy(no_hit[n]) - left_open[n]);
    }
    for (double& bits : curve.bits) {
        bits *= tells_[candidate];
        if (bits < 1e-12) bits = 0;
    }
    for (std::size_t k = 0; k < cells_.size(); ++k) {
        const SuspectClass& of = belief_.classes()[cells_[k].of];
        if (of.runs_bad.empty()) continue;
        for (std::size_t n = 0; n < lengths; ++n)
            curve.runs[n] += cells_[k].mass *
                             (bad_part[k] * of.runs_bad[n] + (1 - bad_part[k]) * of.runs_good[n]);
    }
    return curve;
}

}  // namespace bisectd::engine
