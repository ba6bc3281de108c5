#include "core/look.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace bisectd;

namespace {

struct Case {
    const char* what;
    AgentRun run;
    Symptom symptom;
    Look look;
};

AgentRun exits(int code) {
    AgentRun run;
    run.exit = code;
    return run;
}
AgentRun dies(int signal, int code) {
    AgentRun run = exits(code);
    run.signal = signal;
    return run;
}
AgentRun shows(int code, Seen seen) {
    AgentRun run = exits(code);
    run.seen = seen;
    return run;
}
AgentRun logs(int code, KernelLog klog) {
    AgentRun run = exits(code);
    run.klog = klog;
    return run;
}
AgentRun times_out(Seen seen = Seen::none, KernelLog klog = KernelLog::none) {
    AgentRun run = dies(15, 143);
    run.timeout = true;
    run.seen = seen;
    run.klog = klog;
    return run;
}

Symptom plain() {
    return Symptom{};
}  // bad 1, good 0, not applicable 77
Symptom bad_exits(std::vector<int> codes) {
    Symptom symptom;
    symptom.bad_exit = std::move(codes);
    return symptom;
}
Symptom patterns() {
    Symptom symptom;
    symptom.good_pattern = "PASS";
    symptom.bad_pattern = "FAIL";
    return symptom;
}
Symptom hangs() {
    Symptom symptom;
    symptom.deadline_is_bad = true;
    return symptom;
}
Symptom good_exits(std::vector<int> codes) {
    Symptom symptom;
    symptom.good_exit = std::move(codes);
    return symptom;
}

void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        INFO(one.what);
        CHECK(word(judge_run(one.run, one.symptom)) == word(one.look));
    }
}

}  // namespace

TEST_CASE("look: exit codes alone", "[core]") {
    check({
        {"good exit", exits(0), plain(), Look::clean},
        {"bad exit", exits(1), plain(), Look::hit},
        {"not applicable", exits(77), plain(), Look::not_applicable},
        {"another exit", exits(2), plain(), Look::other_bug},
        {"cannot be tested", exits(125), plain(), Look::void_run},
        {"cannot be started", exits(126), plain(), Look::void_run},
        {"not found", exits(127), plain(), Look::void_run},
        {"255 is just another exit", exits(255), plain(), Look::other_bug},
        {"a recipe may hunt 127", exits(127), bad_exits({127}), Look::hit},
        {"a recipe may accept 125", exits(125), good_exits({125}), Look::clean},
        {"no bad exit at all", exits(1), bad_exits({}), Look::other_bug},
    });
}

TEST_CASE("look: signals count as 128 and their number", "[core]") {
    check({
        {"as the agent says it", dies(11, 139), bad_exits({139}), Look::hit},
        {"signal only", dies(11, 0), bad_exits({139}), Look::hit},
        {"code only", exits(139), bad_exits({139}), Look::hit},
        {"another signal", dies(6, 134), bad_exits({139}), Look::other_bug},
        {"a signal is not exit 0", dies(9, 0), plain(), Look::other_bug},
        {"signal with the number of a bad exit", dies(1, 129), plain(), Look::other_bug},
        {"the good pattern does not excuse a crash",
         [] {
             AgentRun run = dies(11, 139);
             run.seen = Seen::good;
             return run;
         }(),
         patterns(), Look::other_bug},
    });
}

TEST_CASE("look: patterns in the output", "[core]") {
    check({
        {"bad pattern", shows(0, Seen::bad), patterns(), Look::hit},
        {"bad pattern and any exit", shows(127, Seen::bad), patterns(), Look::hit},
        {"bad pattern ends the run by TERM", shows(143, Seen::bad), patterns(), Look::hit},
        {"good pattern, good exit", shows(0, Seen::good), patterns(), Look::clean},
        {"a TERM from elsewhere", dies(15, 143), bad_exits({1}), Look::other_bug},
        {"good pattern, another exit", shows(2, Seen::good), patterns(), Look::clean},
        {"good pattern, bad exit", shows(1, Seen::good), patterns(), Look::hit},
        {"good pattern, but not applicable", shows(77, Seen::good), patterns(),
         Look::not_applicable},
        {"good pattern, reproducer broken", shows(125, Seen::good), patterns(), Look::void_run},
        {"good pattern asked for and not seen", exits(0), patterns(), Look::void_run},
        {"neither seen, bad exit", exits(1), patterns(), Look::hit},
        {"neither seen, another exit", exits(3), patterns(), Look::other_bug},
        {"only a bad pattern asked for", exits(0),
         [] {
             Symptom symptom;
             symptom.bad_pattern = "FAIL";
             return symptom;
         }(),
         Look::clean},
    });
}

TEST_CASE("look: how the agent ended a run says nothing about the run", "[core]") {
    AgentRun term = dies(15, 143);
    term.seen = Seen::good;
    AgentRun killed = dies(9, 137);
    killed.seen = Seen::good;
    check({
        {"TERM after the good pattern", term, patterns(), Look::clean},
        {"KILL after the good pattern", killed, patterns(), Look::clean},
        {"even where 137 is hunted", killed, bad_exits({137}), Look::clean},
        {"137 without the pattern is the hunted one", dies(9, 137), bad_exits({137}), Look::hit},
        {"the deadline's TERM is no hit", times_out(), bad_exits({143}), Look::void_run},
    });
}

TEST_CASE("look: the deadline", "[core]") {
    check({
        {"a run that hangs does not count", times_out(), plain(), Look::void_run},
        {"unless hangs are hunted", times_out(), hangs(), Look::hit},
        {"bad pattern before the hang", times_out(Seen::bad), plain(), Look::hit},
        {"an oops made it hang", times_out(Seen::none, KernelLog::oops), plain(), Look::other_bug},
        {"the hunted oops made it hang", times_out(Seen::none, KernelLog::symptom), plain(),
         Look::hit},
    });
}

TEST_CASE("look: the kernel log", "[core]") {
    check({
        {"symptom and good exit", logs(0, KernelLog::symptom), plain(), Look::hit},
        {"symptom and broken run", logs(127, KernelLog::symptom), plain(), Look::hit},
        {"symptom and not applicable", logs(77, KernelLog::symptom), plain(), Look::hit},
        {"another oops and good exit", logs(0, KernelLog::oops), plain(), Look::other_bug},
        {"another oops and not applicable", logs(77, KernelLog::oops), plain(), Look::other_bug},
        {"another oops and broken run", logs(126, KernelLog::oops), plain(), Look::other_bug},
        {"another oops and bad exit", logs(1, KernelLog::oops), plain(), Look::hit},
    });
}
