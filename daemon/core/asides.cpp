#include "core/asides.hpp"

namespace bisectd {
namespace {

struct Taking {
    Asides& asides;

    void operator()(const CommitJudged& event) const {
        std::erase_if(asides.judged, [&event](const CommitJudged& earlier) {
            return earlier.commit == event.commit &&
                   (event.symptom.empty() || earlier.symptom == event.symptom);
        });
        asides.judged.push_back(event);
    }
    void operator()(const Estimated& event) const { asides.estimate = event; }
    void operator()(const BoardQuarantined& event) const { asides.quarantined.push_back(event); }
    void operator()(const BoardReturned& event) const {
        std::erase_if(asides.quarantined,
                      [&event](const BoardQuarantined& one) { return one.board == event.board; });
    }
    void operator()(const ContradictionFound& event) const {
        asides.contradictions.push_back(event);
    }
    void operator()(const BuildAheadStarted& event) const {
        forget(event.build);
        asides.building_ahead.push_back(event);
    }
    void operator()(const BuildAheadEnded& event) const {
        forget(event.build);
        if (event.outcome == Outcome::good_looking) ++asides.built_ahead;
    }
    void operator()(const PriorWeighed& event) const { asides.prior = event; }
    void operator()(const BisectionEnded&) const { asides.building_ahead.clear(); }
    void operator()(const auto&) const {}

    void forget(std::uint64_t build) const {
        std::erase_if(asides.building_ahead,
                      [build](const BuildAheadStarted& started) { return started.build == build; });
    }
};

}  // namespace

void Asides::take(const Event& event) {
    std::visit(Taking{*this}, event);
}

}  // namespace bisectd
