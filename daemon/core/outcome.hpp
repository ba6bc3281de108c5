#pragma once
#include <string_view>
#include <utility>

#include "core/words.hpp"

namespace bisectd {

/// Why a commit is tested.
enum class Purpose {
    bad_end,
    good_end,
    merge_base,
    search,
    control_bad,   ///< known bad, tested again to see whether the board can still tell
    control_good,  ///< known good, likewise
    retest,        ///< contradicts another finding
    proof_culprit,
    proof_parent,
    proof_revert,  ///< the bad end with the culprit reverted
};
template <>
struct Words<Purpose> {
    static constexpr auto all = word_table<Purpose>({{Purpose::bad_end, "bad_end"},
                                                     {Purpose::good_end, "good_end"},
                                                     {Purpose::merge_base, "merge_base"},
                                                     {Purpose::search, "search"},
                                                     {Purpose::control_bad, "control_bad"},
                                                     {Purpose::control_good, "control_good"},
                                                     {Purpose::retest, "retest"},
                                                     {Purpose::proof_culprit, "proof_culprit"},
                                                     {Purpose::proof_parent, "proof_parent"},
                                                     {Purpose::proof_revert, "proof_revert"}});
};

/// The rungs of the ladder that an attempt climbs.
enum class Rung { check_out, patch, build, deploy, boot, prove, run };
template <>
struct Words<Rung> {
    static constexpr auto all = word_table<Rung>({{Rung::check_out, "check_out"},
                                                  {Rung::patch, "patch"},
                                                  {Rung::build, "build"},
                                                  {Rung::deploy, "deploy"},
                                                  {Rung::boot, "boot"},
                                                  {Rung::prove, "prove"},
                                                  {Rung::run, "run"}});
};

/// How an attempt ended. An infrastructure outcome is never a verdict.
enum class Outcome { good_looking, bad_looking, skip, not_applicable, infrastructure };
template <>
struct Words<Outcome> {
    static constexpr auto all = word_table<Outcome>({{Outcome::good_looking, "good-looking"},
                                                     {Outcome::bad_looking, "bad-looking"},
                                                     {Outcome::skip, "skip"},
                                                     {Outcome::not_applicable, "not-applicable"},
                                                     {Outcome::infrastructure, "infrastructure"}});
};

enum class Verdict { good, bad, skip, uncertain };
template <>
struct Words<Verdict> {
    static constexpr auto all = word_table<Verdict>({{Verdict::good, "good"},
                                                     {Verdict::bad, "bad"},
                                                     {Verdict::skip, "skip"},
                                                     {Verdict::uncertain, "uncertain"}});
};

/// What one run of the reproducer showed.
enum class Look {
    clean,           ///< it ran and the symptom was not there
    hit,             ///< the symptom
    other_bug,       ///< another failure than the symptom
    not_applicable,  ///< the tested feature does not exist here
    void_run,        ///< the reproducer itself is broken: the run does not count
};
template <>
struct Words<Look> {
    static constexpr auto all = word_table<Look>({{Look::clean, "clean"},
                                                  {Look::hit, "hit"},
                                                  {Look::other_bug, "other-bug"},
                                                  {Look::not_applicable, "not-applicable"},
                                                  {Look::void_run, "void"}});
};

/// How a bisection ended.
enum class Ending { culprit, inconclusive, wrong_range, failed, cancelled };
template <>
struct Words<Ending> {
    static constexpr auto all = word_table<Ending>({{Ending::culprit, "culprit"},
                                                    {Ending::inconclusive, "inconclusive"},
                                                    {Ending::wrong_range, "wrong-range"},
                                                    {Ending::failed, "failed"},
                                                    {Ending::cancelled, "cancelled"}});
};

}  // namespace bisectd
