#include "core/engine/ancestry.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "core/weights.hpp"

namespace bisectd::engine {
namespace {

/// Words of a mask of samples: what is pushed through the history at once.
constexpr std::size_t sample_words = 4;
constexpr std::size_t samples_a_pass = sample_words * 64;
using Mask = std::array<std::uint64_t, sample_words>;

std::vector<std::uint32_t> ranks_by_id(const History& history) {
    std::vector<CommitIndex> order(history.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&history](CommitIndex a, CommitIndex b) { return history.id(a) < history.id(b); });
    std::vector<std::uint32_t> rank(history.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    return rank;
}

struct Sample {
    CommitIndex commit = 0;
    double mass = 0;
};

/// Every commit with a mass, where they are few; else one for each of equal slices of the mass.
std::vector<Sample> stratified(const std::vector<double>& mass, std::size_t wanted) {
    std::vector<Sample> all;
    double total = 0;
    for (CommitIndex i = 0; i < mass.size(); ++i) {
        if (mass[i] <= 0) continue;
        total += mass[i];
        if (all.size() <= wanted) all.push_back({i, mass[i]});
    }
    if (all.size() <= wanted) return all;
    std::vector<Sample> samples;
    const double slice = total / static_cast<double>(wanted);
    double seen = 0;
    for (CommitIndex i = 0; i < mass.size(); ++i) {
        seen += std::max(0.0, mass[i]);
        while (samples.size() < wanted &&
               seen > (static_cast<double>(samples.size()) + 0.5) * slice)
            samples.push_back({i, slice});
    }
    return samples;
}

}  // namespace

Ancestry::Ancestry(const History& history)
    : size_(history.size()), counted_(history.size()), rank_(ranks_by_id(history)) {
    first_parent_.reserve(size_ + 1);
    first_parent_.push_back(0);
    for (CommitIndex i = 0; i < size_; ++i) {
        const auto parents = history.parents(i);
        parents_.insert(parents_.end(), parents.begin(), parents.end());
        first_parent_.push_back(static_cast<std::uint32_t>(parents_.size()));
        counted_[i] = history.counted(i);
    }
    if (exact()) {
        fill_rows();
    } else {
        count_ = weights(history, std::vector<bool>(size_, true));
        sample_evenly();
    }
}

void Ancestry::fill_rows() {
    first_word_.reserve(size_);
    std::size_t words = 0;
    for (CommitIndex i = 0; i < size_; ++i) {
        first_word_.push_back(words);
        words += i / 64 + 1;
    }
    rows_.assign(words, 0);
    count_.assign(size_, 0);
    for (CommitIndex i = 0; i < size_; ++i) {
        std::uint64_t* own = rows_.data() + first_word_[i];
        for (CommitIndex parent : parents(i)) {
            const auto theirs = row(parent);
            for (std::size_t w = 0; w < theirs.size(); ++w) own[w] |= theirs[w];
        }
        own[i / 64] |= std::uint64_t{1} << (i % 64);
        for (std::size_t w = 0; w <= i / 64; ++w)
            count_[i] += static_cast<std::uint32_t>(std::popcount(own[w]));
    }
}

void Ancestry::sample_evenly() {
    sample_.assign(std::size_t{size_} * sample_words, 0);
    for (std::size_t bit = 0; bit < samples_a_pass; ++bit) {
        const std::size_t commit = (2 * bit + 1) * size_ / (2 * samples_a_pass);
        sample_[commit * sample_words + bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    for (CommitIndex i = 0; i < size_; ++i)
        for (CommitIndex parent : parents(i))
            for (std::size_t w = 0; w < sample_words; ++w)
                sample_[i * sample_words + w] |= sample_[parent * sample_words + w];
}

bool Ancestry::is_ancestor(CommitIndex ancestor, CommitIndex descendant) const {
    if (ancestor >= descendant) return ancestor == descendant;
    if (exact()) return (row(descendant)[ancestor / 64] >> (ancestor % 64) & 1) != 0;
    for (std::size_t w = 0; w < sample_words; ++w)
        if ((sample_[ancestor * sample_words + w] & ~sample_[descendant * sample_words + w]) != 0)
            return false;
    std::vector<bool> reached(descendant - ancestor + 1, false);
    reached.back() = true;
    for (CommitIndex i = descendant; i > ancestor; --i) {
        if (!reached[i - ancestor]) continue;
        for (CommitIndex parent : parents(i))
            if (parent >= ancestor) reached[parent - ancestor] = true;
    }
    return reached.front();
}

std::uint32_t Ancestry::distance(CommitIndex a, CommitIndex b) const {
    const CommitIndex older = std::min(a, b);
    const CommitIndex younger = std::max(a, b);
    std::uint32_t differing = 0;
    if (exact()) {
        const auto less = row(older);
        const auto more = row(younger);
        for (std::size_t w = 0; w < more.size(); ++w) {
            const std::uint64_t other = w < less.size() ? less[w] : 0;
            differing += static_cast<std::uint32_t>(std::popcount(more[w] ^ other));
        }
        return differing;
    }
    for (std::size_t w = 0; w < sample_words; ++w)
        differing += static_cast<std::uint32_t>(
            std::popcount(sample_[a * sample_words + w] ^ sample_[b * sample_words + w]));
    const std::uint32_t least =
        count_[a] > count_[b] ? count_[a] - count_[b] : count_[b] - count_[a];
    return std::max(least,
                    static_cast<std::uint32_t>(std::uint64_t{differing} * size_ / samples_a_pass));
}

std::vector<std::uint64_t> Ancestry::reached_from(std::span<const CommitIndex> tips) const {
    std::vector<std::uint64_t> reached(size_, 0);
    for (std::size_t bit = 0; bit < tips.size(); ++bit)
        reached[tips[bit]] |= std::uint64_t{1} << bit;
    for (CommitIndex i = size_; i-- > 0;) {
        if (reached[i] == 0) continue;
        for (CommitIndex parent : parents(i)) reached[parent] |= reached[i];
    }
    return reached;
}

std::vector<double> Ancestry::sums(const std::vector<double>& mass) const {
    return exact() ? exact_sums(mass) : sampled_sums(mass);
}

std::vector<double> Ancestry::exact_sums(const std::vector<double>& mass) const {
    // A commit adds itself to the parent with the longest history; only what a merge brings in
    // beside that is looked at commit by commit.
    std::vector<double> sum(size_, 0);
    std::vector<std::uint64_t> known;
    for (CommitIndex i = 0; i < size_; ++i) {
        sum[i] = mass[i];
        const auto of = parents(i);
        if (of.empty()) continue;
        const CommitIndex main = *std::max_element(
            of.begin(), of.end(),
            [this](CommitIndex a, CommitIndex b) { return count_[a] < count_[b]; });
        sum[i] += sum[main];
        if (of.size() == 1) continue;
        known.assign(i / 64 + 1, 0);
        std::copy(row(main).begin(), row(main).end(), known.begin());
        for (CommitIndex parent : of) {
            const auto theirs = row(parent);
            for (std::size_t w = 0; w < theirs.size(); ++w) {
                for (std::uint64_t more = theirs[w] & ~known[w]; more != 0; more &= more - 1)
                    sum[i] += mass[w * 64 + static_cast<std::size_t>(std::countr_zero(more))];
                known[w] |= theirs[w];
            }
        }
    }
    return sum;
}

std::vector<double> Ancestry::sampled_sums(const std::vector<double>& mass) const {
    const std::vector<Sample> samples = stratified(mass, 2 * samples_a_pass);
    std::vector<double> sum(size_, 0);
    std::vector<double> in_pass(size_, 0);
    std::vector<Mask> masks(size_);
    for (std::size_t begin = 0; begin < samples.size(); begin += samples_a_pass) {
        const std::size_t end = std::min(samples.size(), begin + samples_a_pass);
        std::size_t next = begin;
        for (CommitIndex i = 0; i < size_; ++i) {
            Mask mask{};
            for (CommitIndex parent : parents(i))
                for (std::size_t w = 0; w < sample_words; ++w) mask[w] |= masks[parent][w];
            for (; next < end && samples[next].commit == i; ++next)
                mask[(next - begin) / 64] |= std::uint64_t{1} << ((next - begin) % 64);
            // Nearly every mask equals that of a parent.
            const auto of = parents(i);
            const auto like = std::find_if(
                of.begin(), of.end(), [&](CommitIndex parent) { return masks[parent] == mask; });
            masks[i] = mask;
            if (like != of.end()) {
                in_pass[i] = in_pass[*like];
            } else {
                in_pass[i] = 0;
                for (std::size_t w = 0; w < sample_words; ++w)
                    for (std::uint64_t bits = mask[w]; bits != 0; bits &= bits - 1)
                        in_pass[i] += samples[begin + w * 64 +
                                              static_cast<std::size_t>(std::countr_zero(bits))]
                                          .mass;
            }
            sum[i] += in_pass[i];
        }
    }
    return sum;
}

}  // namespace bisectd::engine
