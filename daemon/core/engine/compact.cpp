#include "core/engine/compact.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace bisectd::engine {
namespace {

/// Suspects that are kept. A decision among so many takes a millisecond.
constexpr std::size_t most_suspects = 768;
/// Spots that were tested, tried or built, and are kept.
constexpr std::size_t most_known = 512;

CommitId number_as_id(std::size_t number) {
    std::string hex = std::to_string(number);
    hex.insert(0, 40 - hex.size(), '0');
    return *CommitId::parse(hex);
}

class Compactor {
  public:
    explicit Compactor(const Scene& scene)
        : scene_(scene), weight_(scene.ancestry.size(), 0), keep_(weight_.size(), false) {}

    CompactWorld make() {
        keep_known();
        keep_suspects();
        for (CommitIndex i = 0; i < keep_.size(); ++i)
            if (keep_[i]) world_.kept.push_back(i);
        world_.history = History(related());
        ask();
        return std::move(world_);
    }

  private:
    void keep_known() {
        std::size_t known = 0;
        const auto keep = [this, &known](CommitIndex commit) {
            if (keep_[commit] || known >= most_known) return;
            keep_[commit] = true;
            ++known;
        };
        const Question& question = scene_.question;
        keep(scene_.ancestry.size() - 1);
        for (const BoardNow& board : question.boards) {
            if (board.booted && !board.booted->outside) keep(board.booted->index);
            if (board.busy_at && !board.busy_at->outside) keep(board.busy_at->index);
        }
        for (const Building& building : question.building) keep(building.commit);
        for (const Belief& belief : scene_.beliefs)
            for (const Tested& tested : belief.tested())
                if (!tested.at.outside) keep(tested.at.index);
        for (const Tried& tried : question.tried) keep(tried.commit);
        for (const Column& column : question.columns)
            for (CommitIndex commit : column.untestable) keep(commit);
        for (CommitIndex commit : question.costs.built) keep(commit);
    }

    /// Keeps all suspects with a mass, or one of every few in order, which then weighs for these.
    void keep_suspects() {
        std::vector<CommitIndex> suspects;
        for (CommitIndex i = 0; i < keep_.size(); ++i) {
            bool suspect = false;
            for (std::size_t column = 0; column < scene_.beliefs.size(); ++column) {
                const Belief& belief = scene_.beliefs[column];
                const std::uint32_t of = belief.class_of(i);
                suspect = suspect || (scene_.searched[column] && of != Belief::no_class &&
                                      belief.classes()[of].mass > 1e-5);
            }
            if (suspect) suspects.push_back(i);
        }
        const std::size_t kept = std::min(suspects.size(), most_suspects);
        double waiting = 0;
        for (std::size_t i = 0; i < suspects.size(); ++i) {
            const Question& question = scene_.question;
            waiting += question.weight.empty() ? 1 : question.weight[suspects[i]];
            const bool chosen = (i + 1) * kept / suspects.size() > i * kept / suspects.size();
            if (!chosen && !keep_[suspects[i]]) continue;
            keep_[suspects[i]] = true;
            weight_[suspects[i]] = waiting;
            waiting = 0;
        }
        if (kept == 0) return;
        world_.bits = std::log2(static_cast<double>(kept));
        world_.lost_bits = std::log2(static_cast<double>(suspects.size())) - world_.bits;
    }

    /// The kept commits with their nearest kept ancestors as parents.
    std::vector<History::Commit> related() const {
        const std::size_t size = world_.kept.size();
        std::vector<std::vector<bool>> above(size, std::vector<bool>(size, false));
        for (std::size_t begin = 0; begin < size; begin += Ancestry::tips_a_sweep) {
            const std::size_t end = std::min(size, begin + Ancestry::tips_a_sweep);
            const std::vector<CommitIndex> tips(
                world_.kept.begin() + static_cast<std::ptrdiff_t>(begin),
                world_.kept.begin() + static_cast<std::ptrdiff_t>(end));
            const std::vector<std::uint64_t> reach = scene_.ancestry.reached_from(tips);
            for (std::size_t i = 0; i < size; ++i)
                for (std::size_t tip = begin; tip < end; ++tip)
                    above[tip][i] = (reach[world_.kept[i]] >> (tip - begin) & 1) != 0;
        }
        std::vector<History::Commit> commits;
        for (std::size_t i = 0; i < size; ++i) {
            History::Commit commit{number_as_id(i), {}, true};
            std::vector<bool> covered(size, false);
            for (std::size_t j = i; j-- > 0;) {
                if (!above[i][j] || covered[j]) continue;
                commit.parents.push_back(static_cast<CommitIndex>(j));
                for (std::size_t k = 0; k <= j; ++k) covered[k] = covered[k] || above[j][k];
            }
            std::reverse(commit.parents.begin(), commit.parents.end());
            commits.push_back(std::move(commit));
        }
        return commits;
    }

    bool move(CommitIndex& commit) const {
        const auto found = std::lower_bound(world_.kept.begin(), world_.kept.end(), commit);
        if (found == world_.kept.end() || *found != commit) return false;
        commit = static_cast<CommitIndex>(found - world_.kept.begin());
        return true;
    }

    bool move(Spot& spot) const { return spot.outside || move(spot.index); }

    template <typename List, typename Commit>
    void move_all(List& list, Commit commit) const {
        List moved;
        for (auto& one : list)
            if (move(commit(one))) moved.push_back(one);
        list = std::move(moved);
    }

    /// Asks the same about the small history.
    void ask() {
        Question& question = world_.question = scene_.question;
        question.weight.clear();
        for (CommitIndex original : world_.kept) question.weight.push_back(weight_[original]);
        const auto itself = [](auto& one) -> auto& { return one; };
        move_all(question.hints, itself);
        move_all(question.costs.built, itself);
        move_all(question.tried, [](Tried& one) -> auto& { return one.commit; });
        move_all(question.building, [](Building& one) -> auto& { return one.commit; });
        for (Column& column : question.columns) {
            move_all(column.untestable, itself);
            move_all(column.judged_bad, itself);
            move_all(column.judged_good, itself);
            move_all(column.showings, [](Showing& one) -> auto& { return one.at; });
        }
        for (BoardNow& board : question.boards) {
            if (board.booted) move(*board.booted);
            if (board.busy_at) move(*board.busy_at);
            for (Showing& open : board.open) move(open.at);
        }
    }

    const Scene& scene_;
    std::vector<double> weight_;
    std::vector<bool> keep_;
    CompactWorld world_;
};

}  // namespace

CompactWorld compact(const Scene& scene) {
    return Compactor(scene).make();
}

}  // namespace bisectd::engine
