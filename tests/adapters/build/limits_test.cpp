// The control groups are a folder made to look like the kernel's; docs/threat-model.md says how the
// kernel's own were tried.
#include <sys/xattr.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/build/limits.hpp"
#include "adapters/build/sandbox.hpp"
#include "workbench.hpp"

using namespace workbench;
using build::ControlGroups;
using build::Limits;

namespace {

/// A group that was delegated to us, as the kernel would show it.
struct Groups {
    Folder folder;
    ControlGroups place{folder / "mount", folder / "own"};
    std::string group = folder / "mount/unit";
    explicit Groups(const std::string& controllers = "cpuset cpu io memory pids\n") {
        write(place.own, "9:memory:/other\n0::/unit\n");
        write(group + "/cgroup.controllers", controllers);
        write(group + "/cgroup.procs", "");
        write(group + "/cgroup.subtree_control", "");
        for (const char* file : {"memory.max", "memory.oom.group", "pids.max", "cpu.max"})
            write(group + "/builds/" + file, "max");
        write(group + "/builds/memory.events", "low 0\nhigh 0\noom 0\noom_kill 0\n");
    }
    bool delegate() const { return setxattr(group.c_str(), "user.delegate", "1", 1, 0) == 0; }
};

bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

}  // namespace

TEST_CASE("limits: a delegated control group holds all of a build", "[adapters]") {
    const Groups groups;
    if (!groups.delegate()) {
        WARN("no extended attributes here: not tried");
        return;
    }
    ConfinementSpec spec;
    spec.memory_bytes = 8ULL << 30;
    spec.processors = 3;
    Limits limits(spec, groups.place);
    limits.take_control_group();
    CHECK(read(groups.group + "/builds/memory.max") == std::to_string(8ULL << 30));
    CHECK(read(groups.group + "/builds/memory.oom.group").starts_with("1"));
    CHECK(read(groups.group + "/builds/cpu.max").starts_with("300000 100000"));
    CHECK(read(groups.group + "/cgroup.subtree_control").starts_with("+"));
    CHECK(fs::is_directory(groups.group + "/daemon"));
    const auto command = limits.applied_to({"make", "Image"});
    CHECK(command.at(0) == "sh");
    CHECK(has(command, groups.group + "/builds/cgroup.procs"));
    CHECK_FALSE(has(command, "taskset"));
    CHECK(command.back() == "Image");
    CHECK(limits.sentence() == "at most 8.0 GiB of memory together and 3 processors");
    CHECK(limits.kills() == 0);
    write(groups.group + "/builds/memory.events", "low 0\noom 2\noom_kill 2\noom_group_kill 1\n");
    CHECK(limits.kills() == 2);
}

TEST_CASE("limits: a group that nobody delegated is left alone", "[adapters]") {
    const Groups groups;
    if (geteuid() != 0) return;  // it would be our own then
    Limits limits({}, groups.place);
    limits.take_control_group();
    CHECK_FALSE(fs::exists(groups.group + "/daemon"));
    CHECK(read(groups.group + "/builds/memory.max") == "max");
    CHECK(limits.sentence().empty());
}

TEST_CASE("limits: without a control group each process is limited", "[adapters]") {
    const Folder nothing;
    ConfinementSpec spec;
    spec.memory_bytes = 1ULL << 30;
    spec.processors = 1;
    Limits limits(spec, {nothing / "mount", nothing / "own"});
    limits.take_control_group();
    ProcessSpec process;
    process.arguments =
        limits.applied_to({"sh", "-c", "ulimit -v; nproc; cat /proc/self/oom_score_adj"});
    const auto said = finish(capture(process, 1000));
    REQUIRE(said);
    INFO(said->errors);
    CHECK(said->output == "1048576\n1\n500\n");
    CHECK(limits.sentence() == "at most 1.0 GiB of memory for each process and 1 processor");
}

// Hidden: it needs a group of version 2 that is delegated to whoever runs it, and moves the test
// into it. docs/threat-model.md has the command.
TEST_CASE("limits: the kernel's own control group ends a build that is too big",
          "[.control-group]") {
    ConfinementSpec spec;
    spec.memory_bytes = 64ULL << 20;
    spec.processors = 1;
    const Folder folder;
    build::Sandbox sandbox(spec, folder / "sandbox", {});
    sandbox.take_control_group();
    const Finding finding = finish(sandbox.examine());
    INFO(finding.what);
    CHECK(finding.good);
    CHECK_THAT(finding.what, Contains("0.1 GiB of memory together and 1 processor") &&
                                 Contains("control group /sys/fs/cgroup"));
    ProcessSpec process;
    process.arguments = {"sh", "-c", "dd if=/dev/zero of=/dev/null bs=200M count=1; echo went on"};
    process.deadline = std::chrono::minutes{10};  // in an emulator
    auto confined = finish(sandbox.confine(process, {}));
    REQUIRE(confined);
    build::BuildLog log({});
    OutputSink sink = [&log](std::string_view piece) { log.take(piece); };
    const auto end = finish(run_process(confined->process, sink));
    REQUIRE(end);
    CHECK_FALSE(end->ok());
    CHECK_THAT(log.excerpt(), !Contains("went on"));
    const auto fault = sandbox.fault(*confined, *end, log);
    REQUIRE(fault);
    CHECK_THAT(*fault,
               Contains("the kernel killed it for its memory") && Contains("'memory' of [builds]"));
    auto next = finish(sandbox.confine(process, {}));
    REQUIRE(next);
    CHECK(next->kills > confined->kills);
    process.arguments = {"sh", "-c", "i=0; while [ $i -lt 9000 ]; do sleep 900 & i=$((i+1)); done"};
    auto bomb = finish(sandbox.confine(process, {}));
    REQUIRE(bomb);
    const auto bombed = finish(run_process(bomb->process, {}));
    REQUIRE(bombed);
    CHECK_FALSE(bombed->ok());
}
