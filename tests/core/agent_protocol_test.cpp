#include "core/agent_protocol.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace bisectd;

namespace {

template <class T>
T message(std::string_view line) {
    const auto parsed = parse_agent_line(line);
    REQUIRE(parsed.has_value());
    if (const auto* wrong = std::get_if<Malformed>(&*parsed)) UNSCOPED_INFO(wrong->why);
    REQUIRE(std::holds_alternative<T>(*parsed));
    return std::get<T>(*parsed);
}

std::string wrong(std::string_view line) {
    return message<Malformed>(line).why;
}

constexpr std::string_view good_run =
    "bisectd run n=7 exit=139 signal=11 ms=1520 timeout=0 seen=bad klog=oops output_bytes=12 "
    "at_ms=99";

std::string run_with(std::string_view part, std::string_view instead) {
    std::string line(good_run);
    const auto at = line.find(part);
    REQUIRE(at != line.npos);
    return line.replace(at, part.size(), instead);
}

}  // namespace

TEST_CASE("agent protocol: lines that do not start with bisectd are noise", "[core]") {
    for (const char* line : {"", "\r", "login: ", "bisectd", "Bisectd end status=0",
                             " bisectd end status=0", "bisectdx end status=0"})
        CHECK_FALSE(parse_agent_line(line).has_value());
}

TEST_CASE("agent protocol: words and keys of a newer agent are passed over", "[core]") {
    CHECK_FALSE(parse_agent_line("bisectd temperature celsius=41").has_value());
    CHECK_FALSE(parse_agent_line("bisectd ").has_value());
    CHECK(message<AgentEnd>("bisectd end status=3 error=a%20b colour=red").error == "a b");
}

TEST_CASE("agent protocol: facts, space, digests and removed files", "[core]") {
    const auto fact = message<AgentFact>("bisectd fact name=release value=6.1.0-bisectd%2b1\r");
    CHECK(fact.name == "release");
    CHECK(fact.value == "6.1.0-bisectd+1");
    CHECK(message<AgentFact>("bisectd fact name=cmdline value=").value.empty());
    CHECK(message<AgentSpace>("bisectd space folder=/boot free_kib=1200 mount=/").free_kib == 1200);
    const std::string hex(64, 'a');
    const auto digest =
        message<AgentDigest>("bisectd digest bytes=5 sha256=" + hex + " file=/boot/a%0Ab");
    CHECK(digest.file == "/boot/a\nb");
    CHECK(digest.sha256 == hex);
    CHECK(digest.bytes == 5);
    CHECK(message<AgentRemoved>("bisectd removed file=/boot/bisectd-x").file == "/boot/bisectd-x");
}

TEST_CASE("agent protocol: a run carries all of its parts", "[core]") {
    const auto run = message<AgentRun>(good_run);
    CHECK(run.n == 7);
    CHECK(run.exit == 139);
    CHECK(run.signal == 11);
    CHECK(run.ms == 1520);
    CHECK_FALSE(run.timeout);
    CHECK(run.seen == Seen::bad);
    CHECK(run.klog == KernelLog::oops);
    CHECK(run.output_bytes == 12);
    CHECK(run.at_ms == 99);
}

TEST_CASE("agent protocol: jobs are started, followed, stopped and done", "[core]") {
    CHECK(message<AgentStarted>("bisectd started id=a pid=12 again=1").again);
    const auto header =
        message<AgentJobHeader>("bisectd job id=a protocol=1 boot_id=b klog=dmesg group=setsid");
    CHECK(header.klog == KernelLogSource::dmesg);
    CHECK(message<AgentAlive>("bisectd alive runs=3 uptime_s=20").runs == 3);
    CHECK(message<AgentStopped>("bisectd stopped id=a running=0").id == "a");
    CHECK(message<AgentOutput>("bisectd output text=%00%ff").text == std::string("\0\xff", 2));
    CHECK(message<AgentKernelText>("bisectd klog text=Oops").text == "Oops");
    const auto unmet = message<AgentDone>(
        "bisectd done id=a reason=precondition runs=0 precondition=test%20-e%20/x index=1 exit=1 "
        "timeout=0 text=no");
    CHECK(unmet.reason == DoneReason::precondition);
    CHECK(unmet.precondition == "test -e /x");
    CHECK(unmet.exit == 1);
    CHECK(unmet.text == "no");
    CHECK(message<AgentDone>("bisectd done id=a reason=died runs=4 rebooted=1").rebooted);
    CHECK(message<AgentDone>("bisectd done id=a reason=oops runs=4").reason == DoneReason::oops);
}

TEST_CASE("agent protocol: an agent of another protocol is malformed", "[core]") {
    CHECK(message<AgentVersion>("bisectd version protocol=1 agent=1.0.0").agent == "1.0.0");
    CHECK(wrong("bisectd version protocol=2 agent=9") ==
          "version: protocol is not 1: update the agent");
}

TEST_CASE("agent protocol: a broken line says which key is wrong", "[core]") {
    CHECK(wrong("bisectd end") == "end: status is missing");
    CHECK(wrong("bisectd end status=256") == "end: status is no number in its range");
    CHECK(wrong("bisectd end status=0 status=0") == "end: status is there twice");
    CHECK(wrong("bisectd removed file=") == "removed: file is no name");
    CHECK(wrong("bisectd removed file=a%00b") == "removed: file is no name");
    CHECK(wrong("bisectd digest file=x sha256=12 bytes=1") ==
          "digest: sha256 is no SHA-256 digest");
    CHECK(wrong(run_with("n=7", "n=0")) == "run: n is no number in its range");
    CHECK(wrong(run_with("n=7", "n=+7")) == "run: n is no number in its range");
    CHECK(wrong(run_with("n=7", "n=7x")) == "run: n is no number in its range");
    CHECK(wrong(run_with("n=7", "n=9223372036854775808")) == "run: n is no number in its range");
    CHECK(message<AgentRun>(run_with("n=7", "n=9223372036854775807")).n == 9223372036854775807u);
    CHECK(wrong(run_with("exit=139", "exit=-1")) == "run: exit is no number in its range");
    CHECK(wrong(run_with("seen=bad", "seen=maybe")) == "run: seen is not one of its words");
    CHECK(wrong(run_with("timeout=0", "timeout=2")) == "run: timeout is no number in its range");
    CHECK(wrong(run_with("klog=oops ", "")) == "run: klog is missing");
    CHECK(wrong("bisectd alive runs uptime_s=1") == "alive: runs is not key=value");
    CHECK(wrong("bisectd alive =1 uptime_s=1") == "alive: %3D1 is not key=value");
}

TEST_CASE("agent protocol: lines and keys are bounded", "[core]") {
    std::string line = "bisectd output text=" + std::string(agent_line_limit_bytes, 'x');
    CHECK(wrong(line) == "a line is longer than 8192 bytes");
    line.resize(agent_line_limit_bytes);
    CHECK(message<AgentOutput>(line).text.size() == agent_line_limit_bytes - 20);
    std::string many = "bisectd end status=0";
    for (int i = 0; i < 40; ++i) many += " k" + std::to_string(i) + "=";
    CHECK(wrong(many) == "end: k31 is one key too many");
}

TEST_CASE("agent protocol: percent encoding keeps every byte", "[core]") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK(percent_decode(percent_encode(all), 256) == all);
    CHECK(percent_encode("aZ09._:/+-") == "aZ09._:/+-");
    CHECK(percent_encode("a b%\xc3") == "a%20b%25%C3");
}

TEST_CASE("agent protocol: what is not percent-encoded is refused", "[core]") {
    for (const char* text : {"%", "%4", "%4g", "%-1", "a b", "a\tb", "\x7f", "\xc3\xa9"})
        CHECK_FALSE(percent_decode(text, 100).has_value());
    CHECK(percent_decode("%41%42", 2) == "AB");
    CHECK_FALSE(percent_decode("%41%42%43", 2).has_value());
    CHECK(percent_decode("", 0) == "");
}

TEST_CASE("agent protocol: a job file leaves out what is empty", "[core]") {
    AgentJob job;
    job.id = "b1-s2-a1";
    job.command = "./brk 'x'\n";
    job.runs = 300;
    job.run_deadline_s = 20;
    job.stop_exits = {1, 139};
    job.kernel_log_pattern = "BUG: .*brk";
    job.preconditions = {"test -e /proc/self", "true"};
    CHECK(encode_job(job) ==
          "id=b1-s2-a1\ncommand=./brk%20%27x%27%0A\nruns=300\nseconds=0\nrun_deadline_s=20\n"
          "stop_exits=1%20139\nstop_at_first_hit=1\nstop_on_oops=0\n"
          "kernel_log_pattern=BUG:%20.%2Abrk\nprecondition=test%20-e%20/proc/self\n"
          "precondition=true\n");
}

TEST_CASE("agent protocol: a job id can be a folder", "[core]") {
    for (const char* id : {"a", "B1.2_x:+-"}) CHECK(is_job_id(id));
    for (const char* id : {"", ".", "..", ".x", "a/b", "a b", "a\n", "\xc3"})
        CHECK_FALSE(is_job_id(id));
    CHECK(is_job_id(std::string(128, 'a')));
    CHECK_FALSE(is_job_id(std::string(129, 'a')));
}

TEST_CASE("agent protocol: a quoted word is one word for the shell", "[core]") {
    CHECK(shell_quote("") == "''");
    CHECK(shell_quote("a b") == "'a b'");
    CHECK(shell_quote("it's $HOME") == "'it'\\''s $HOME'");
}
