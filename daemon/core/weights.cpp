#include "core/weights.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace bisectd {
namespace {

constexpr std::uint32_t none = 0xffffffffU;
constexpr std::size_t words_of_mask = 8;
constexpr std::size_t block_size = words_of_mask * 64;

using Mask = std::array<std::uint64_t, words_of_mask>;

/// Runs of suspects with one suspect parent and one suspect child, each taken as one node.
/// What leads into a chain leads into its oldest commit, what leaves it leaves its newest.
struct Chains {
    std::vector<std::uint32_t> of;      ///< chain of a commit; `none`: no suspect
    std::vector<std::uint32_t> prefix;  ///< counted commits of its chain up to this commit
    std::vector<std::uint32_t> weight;  ///< counted commits of a chain
    std::vector<CommitIndex> oldest;    ///< first commit of a chain
};

Chains contract(const History& history, const std::vector<bool>& suspects) {
    const CommitIndex size = history.size();
    std::vector<std::uint32_t> children(size, 0);
    for (CommitIndex i = 0; i < size; ++i) {
        if (!suspects[i]) continue;
        for (CommitIndex parent : history.parents(i)) ++children[parent];
    }
    Chains chains{std::vector(size, none), std::vector<std::uint32_t>(size, 0), {}, {}};
    for (CommitIndex i = 0; i < size; ++i) {
        if (!suspects[i]) continue;
        CommitIndex only_parent = none;
        std::size_t parents = 0;
        for (CommitIndex parent : history.parents(i)) {
            if (!suspects[parent]) continue;
            only_parent = parent;
            ++parents;
        }
        const std::uint32_t own = history.counted(i) ? 1 : 0;
        if (parents == 1 && children[only_parent] == 1) {
            chains.of[i] = chains.of[only_parent];
            chains.prefix[i] = chains.prefix[only_parent] + own;
        } else {
            chains.of[i] = static_cast<std::uint32_t>(chains.oldest.size());
            chains.prefix[i] = own;
            chains.oldest.push_back(i);
            chains.weight.push_back(0);
        }
        chains.weight[chains.of[i]] = chains.prefix[i];
    }
    return chains;
}

/// The DAG of chains, numbered anew: parents before children in the order in which a depth-first
/// walk leaves them, which keeps related chains in one block (half the time of date order).
struct ChainDag {
    std::vector<std::uint32_t> number;        ///< of a chain
    std::vector<std::uint32_t> weight;        ///< by number, as are the parents
    std::vector<std::uint32_t> first_parent;  ///< place in `parents`; one more at the end
    std::vector<std::uint32_t> parents;       ///< numbers
};

ChainDag number_depth_first(const History& history, const Chains& chains) {
    const auto size = static_cast<std::uint32_t>(chains.oldest.size());
    std::vector<std::uint32_t> order;
    order.reserve(size);
    std::vector<bool> seen(size, false);
    struct Visit {
        std::uint32_t chain;
        std::uint32_t next_parent;
    };
    std::vector<Visit> stack;
    for (std::uint32_t root = size; root-- > 0;) {
        if (seen[root]) continue;
        seen[root] = true;
        stack.push_back({root, 0});
        while (!stack.empty()) {
            Visit& visit = stack.back();
            const auto parents = history.parents(chains.oldest[visit.chain]);
            if (visit.next_parent == parents.size()) {
                order.push_back(visit.chain);
                stack.pop_back();
                continue;
            }
            const std::uint32_t parent = chains.of[parents[visit.next_parent++]];
            if (parent == none || seen[parent]) continue;
            seen[parent] = true;
            stack.push_back({parent, 0});
        }
    }
    ChainDag dag;
    dag.number.assign(size, 0);
    for (std::uint32_t i = 0; i < size; ++i) dag.number[order[i]] = i;
    dag.first_parent.reserve(size + 1);
    for (std::uint32_t chain : order) {
        dag.weight.push_back(chains.weight[chain]);
        dag.first_parent.push_back(static_cast<std::uint32_t>(dag.parents.size()));
        for (CommitIndex parent : history.parents(chains.oldest[chain]))
            if (chains.of[parent] != none) dag.parents.push_back(dag.number[chains.of[parent]]);
    }
    dag.first_parent.push_back(static_cast<std::uint32_t>(dag.parents.size()));
    return dag;
}

/// Sum of the weights of the chains of one block whose bits are set, a byte at a time.
class BlockSums {
  public:
    void load(const std::vector<std::uint32_t>& weight, std::size_t begin) {
        for (std::size_t byte = 0; byte < table_.size(); ++byte) {
            auto& sums = table_[byte];
            sums[0] = 0;
            for (unsigned bits = 1; bits < 256; ++bits) {
                const auto lowest = static_cast<unsigned>(std::countr_zero(bits));
                const std::size_t chain = begin + byte * 8 + lowest;
                sums[bits] = sums[bits & (bits - 1)] + (chain < weight.size() ? weight[chain] : 0);
            }
        }
    }
    std::uint32_t of(const Mask& mask) const {
        std::uint32_t sum = 0;
        for (std::size_t word = 0; word < words_of_mask; ++word) {
            std::uint64_t bits = mask[word];
            for (std::size_t byte = word * 8; bits != 0; ++byte, bits >>= 8)
                sum += table_[byte][bits & 0xff];
        }
        return sum;
    }

  private:
    std::array<std::array<std::uint32_t, 256>, block_size / 8> table_{};
};

/// Sum of the weights of each chain and its ancestors.
std::vector<std::uint32_t> inclusive_sums(const ChainDag& dag) {
    const std::size_t size = dag.weight.size();
    std::vector<std::uint32_t> total(size, 0);
    std::vector<std::uint32_t> in_block(size, 0);
    std::vector<Mask> masks(size);
    BlockSums sums;
    for (std::size_t begin = 0; begin < size; begin += block_size) {
        sums.load(dag.weight, begin);
        for (std::size_t chain = begin; chain < size; ++chain) {
            Mask mask{};
            std::uint32_t like = none;  // a parent from this block on: most masks equal its mask
            for (std::uint32_t p = dag.first_parent[chain]; p < dag.first_parent[chain + 1]; ++p) {
                const std::uint32_t parent = dag.parents[p];
                if (parent < begin) continue;
                if (like == none) like = parent;
                for (std::size_t w = 0; w < words_of_mask; ++w) mask[w] |= masks[parent][w];
            }
            if (chain < begin + block_size) {
                mask[(chain - begin) / 64] |= std::uint64_t{1} << ((chain - begin) % 64);
                in_block[chain] = sums.of(mask);
            } else if (like == none) {
                in_block[chain] = 0;
            } else {
                in_block[chain] = mask == masks[like] ? in_block[like] : sums.of(mask);
            }
            masks[chain] = mask;
            total[chain] += in_block[chain];
        }
    }
    return total;
}

}  // namespace

std::vector<std::uint32_t> weights(const History& history, const std::vector<bool>& suspects) {
    const Chains chains = contract(history, suspects);
    const ChainDag dag = number_depth_first(history, chains);
    const std::vector<std::uint32_t> total = inclusive_sums(dag);
    std::vector<std::uint32_t> result(history.size(), 0);
    for (CommitIndex i = 0; i < history.size(); ++i) {
        const std::uint32_t chain = chains.of[i];
        if (chain == none) continue;
        result[i] = total[dag.number[chain]] - chains.weight[chain] + chains.prefix[i];
    }
    return result;
}

}  // namespace bisectd
