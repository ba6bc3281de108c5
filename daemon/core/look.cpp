#include "core/look.hpp"

#include <algorithm>
#include <vector>

namespace bisectd {
namespace {

bool contains(const std::vector<int>& codes, int code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// The agent ends a run as soon as a pattern is seen; its code then tells how, not what was found.
bool ended_for_good_pattern(const AgentRun& run, int code) {
    return run.seen == Seen::good && (code == 128 + 15 || code == 128 + 9);
}

bool shows_symptom(const AgentRun& run, const Symptom& symptom, int code) {
    if (run.klog == KernelLog::symptom || run.seen == Seen::bad) return true;
    if (run.timeout) return symptom.deadline_is_bad;
    if (ended_for_good_pattern(run, code)) return false;
    return contains(symptom.bad_exit, code);
}

}  // namespace

Look judge_run(const AgentRun& run, const Symptom& symptom) {
    const int code = run.signal != 0 ? 128 + run.signal : run.exit;
    if (shows_symptom(run, symptom, code)) return Look::hit;
    if (run.klog == KernelLog::oops) return Look::other_bug;
    if (run.timeout) return Look::void_run;
    if (ended_for_good_pattern(run, code)) return Look::clean;
    if (contains(symptom.not_applicable_exit, code)) return Look::not_applicable;
    if (contains(symptom.good_exit, code)) {
        const bool proven = symptom.good_pattern.empty() || run.seen == Seen::good;
        return proven ? Look::clean : Look::void_run;
    }
    // 125: "cannot be tested" as git bisect run has it; 126 and 127: the shell could not start it.
    if (code >= 125 && code <= 127) return Look::void_run;
    if (code > 128) return Look::other_bug;
    return run.seen == Seen::good ? Look::clean : Look::other_bug;
}

}  // namespace bisectd
