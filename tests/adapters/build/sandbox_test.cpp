// What a hostile build may see and do. Where the machine allows no user namespaces these tests say
// so and end; tests/e2e/sandbox_test fails there when it is told that a sandbox is needed.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "adapters/build/sandbox.hpp"
#include "workbench.hpp"

using namespace workbench;
using build::Sandbox;
using build::View;

namespace {

constexpr const char* planted = "planted-secret-5f2c";

bool can_confine() {
    const Folder folder;
    ConfinementSpec spec;
    spec.sandbox = SandboxUse::required;
    Sandbox sandbox(spec, folder / "sandbox", {});
    const Finding finding = finish(sandbox.examine());
    if (!finding.good) WARN("not tried: " + finding.what);
    return finding.good;
}

BuildOrder shell_order(Bench& bench, const std::string& text) {
    BuildOrder order = bench.order(bench.first);
    order.spec.kind = BuildKind::command;
    order.spec.command = text;
    order.spec.artefacts = {"found"};
    return order;
}

std::string found_by(Bench& bench, const std::string& command) {
    return read(bench.artefact(shell_order(bench, command)).image().path);
}

/// Takes connections on loopback as long as it lives.
struct Listener {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string port;
    Listener() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(fd, generic, size) == 0);
        REQUIRE(::listen(fd, 5) == 0);
        REQUIRE(::getsockname(fd, generic, &size) == 0);
        port = std::to_string(ntohs(address.sin_port));
    }
    ~Listener() { ::close(fd); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    std::string knock() const {
        return "bash -c 'echo >/dev/tcp/127.0.0.1/" + port + "' 2>/dev/null && echo reached";
    }
};

}  // namespace

TEST_CASE("sandbox: a hostile build finds no secret and changes nothing of ours", "[adapters]") {
    if (!can_confine()) return;
    Bench bench;
    const Folder home;
    write(bench.data / "token.sha256", planted);
    write(bench.data / "journal.sqlite", planted);
    write(home / ".ssh/id_ed25519", planted);
    ::setenv("BISECTD_TEST_PASSWORD", planted, 1);
    const std::string data = bench.data.path, theirs = home.path;
    // Where the data folder is below /tmp, a folder of this name is there inside, but another one.
    const std::string found = found_by(
        bench,
        "{ cat " + data + "/token.sha256 " + data + "/journal.sqlite " + theirs +
            "/.ssh/*; env; cat /proc/*/environ /proc/*/cmdline; cat /etc/shadow; "
            "for place in " +
            data + "/evil " + theirs +
            "/evil $SOURCE/../evil; do (: >>$place); "
            "done; for place in /usr/evil /etc/evil /evil /run/evil /dev/evil /var/evil "
            "/proc/sys/kernel/core_pattern; do (: >>$place) && echo written $place; done; "
            "mount -t tmpfs none /usr && echo mounted; unshare -U true && echo nested; "
            "} >$OUTPUT/all 2>&1; grep -a -e 'planted-[s]ecret' "
            "-e ^written -e ^mounted -e ^nested -e root[:] all >found; ls -A ~ >>found; true");
    ::unsetenv("BISECTD_TEST_PASSWORD");
    CHECK(found == "");
    CHECK(read(bench.data / "token.sha256") == planted);
    CHECK_FALSE(fs::exists(bench.data / "evil"));
    CHECK_FALSE(fs::exists(home / "evil"));
    CHECK_FALSE(fs::exists(bench.data / "builders/1/evil"));
}

TEST_CASE("sandbox: a build sees no other process and is an ordinary user", "[adapters]") {
    if (!can_confine()) return;
    Bench bench;
    CHECK(found_by(bench,
                   "ls /proc | grep -c '^[0-9]' >found; test $(cat found) -lt 10 && "
                   "{ id -un; id -u; hostname; } >found") == "builder\n1000\nbisectd\n");
}

TEST_CASE("sandbox: there is no network unless the recipe asks for it", "[adapters]") {
    if (!can_confine()) return;
    const Listener listener;
    const std::string command = "{ " + listener.knock() + "; } >found; true";
    Bench bench;
    CHECK(found_by(bench, command).empty());
    BuildOrder asking = shell_order(bench, command);
    asking.spec.network = true;
    CHECK(read(bench.artefact(asking).image().path) == "reached\n");
    build::WorkshopOptions never;
    never.confinement.network = NetworkUse::never;
    Bench strict(never);
    BuildOrder refused = shell_order(strict, command);
    refused.spec.network = true;
    CHECK(read(strict.artefact(refused).image().path).empty());
    Recipe recipe;
    CHECK_THAT(finish(bench.workshop.confinement(recipe)).value(), Contains("without network"));
    recipe.build.network = true;
    CHECK_THAT(finish(bench.workshop.confinement(recipe)).value(),
               Contains("with network: the recipe asks for it"));
    CHECK_THAT(finish(strict.workshop.confinement(recipe)).value(),
               Contains("the configuration says never"));
}

TEST_CASE("sandbox: a kernel is the same, bit by bit, with and without it", "[adapters]") {
    if (!can_confine()) return;
    build::WorkshopOptions without;
    without.confinement.sandbox = SandboxUse::off;
    // The same data folder, one after the other: paths get into binaries.
    Bench bench;
    const Artefact inside = bench.artefact(bench.order(bench.first));
    without.ccache = false;
    without.spare_bytes = 0;
    const Folder elsewhere;
    Artefact outside;
    {
        Bench plain(without);
        outside = plain.artefact(plain.order(plain.first));
        CHECK_THAT(finish(plain.workshop.confinement({})).value(), Contains("without a sandbox"));
    }
    CHECK(inside.image().sha256 == outside.image().sha256);
    CHECK(inside.build_id == outside.build_id);
}

TEST_CASE("sandbox: at its deadline all of a build is gone, whatever it hid behind", "[adapters]") {
    if (!can_confine()) return;
    Bench bench;
    BuildOrder order = shell_order(
        bench,
        "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 98765' & setsid sleep 98765 & "
        "sleep 98765");
    order.spec.deadline = std::chrono::seconds{1};
    const auto built = bench.build(order);
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(built.error().what, Contains("the recipe's deadline"));
    std::size_t left = 0;
    for (const auto& process : fs::directory_iterator("/proc")) {
        const std::string command = read(process.path() / "cmdline");
        left += command == std::string(
                               "sleep\0"
                               "98765\0",
                               12);
    }
    CHECK(left == 0);
}

TEST_CASE("sandbox: what cannot be set up is never the compiler's no", "[adapters]") {
    if (!can_confine()) return;
    const Folder folder;
    Sandbox sandbox({}, folder / "sandbox", {});
    ProcessSpec spec;
    spec.arguments = {"true"};
    View view;
    view.writable = {folder / "gone"};
    auto confined = finish(sandbox.confine(spec, view));
    REQUIRE(confined);
    build::BuildLog log({});
    OutputSink sink = [&log](std::string_view piece) { log.take(piece); };
    const auto end = finish(run_process(confined->process, sink));
    REQUIRE(end);
    CHECK_FALSE(end->ok());
    const auto fault = sandbox.fault(*confined, *end, log);
    REQUIRE(fault);
    CHECK_THAT(*fault, Contains("the sandbox could not be set up") && Contains("gone"));
}

TEST_CASE("sandbox: without one, too, what cannot be begun is never the compiler's no",
          "[adapters]") {
    const Folder folder;
    const auto fault_of = [&folder](const std::string& program, std::uint64_t memory_bytes) {
        ConfinementSpec without;
        without.sandbox = SandboxUse::off;
        without.memory_bytes = memory_bytes;
        Sandbox sandbox(without, folder / "sandbox", {});
        ProcessSpec spec;
        spec.arguments = {program};
        auto confined = finish(sandbox.confine(spec, {}));
        REQUIRE(confined);
        build::BuildLog log({});
        OutputSink sink = [&log](std::string_view piece) { log.take(piece); };
        const auto end = finish(run_process(confined->process, sink));
        log.finish();
        REQUIRE(end);
        CHECK_FALSE(end->ok());
        return sandbox.fault(*confined, *end, log).value_or("its own");
    };
    CHECK_THAT(fault_of("bisectd-no-such-program", 0), Contains("bisectd-no-such-program"));
    CHECK_THAT(fault_of("true", 1 << 20), Contains("could not be begun"));
    CHECK(fault_of("false", 0) == "its own");
}

TEST_CASE("sandbox: a build that a signal ended inside is the machine's", "[adapters]") {
    Bench bench;
    const auto built = bench.build(shell_order(bench, "sh -c 'kill -KILL $$'; exit $?"));
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(built.error().what, Contains("signal 9"));
}

TEST_CASE("sandbox: required without bubblewrap nothing is built, else it is said", "[adapters]") {
    const Folder programs;
    const std::string before = std::getenv("PATH");
    // All programs but bwrap.
    for (const char* folder : {"/usr/bin", "/bin"})
        for (const auto& program : fs::directory_iterator(folder))
            if (program.path().filename() != "bwrap" &&
                !fs::exists(fs::symlink_status(programs.path / program.path().filename())))
                fs::create_symlink(program.path(), programs.path / program.path().filename());
    build::WorkshopOptions required;
    required.confinement.sandbox = SandboxUse::required;
    Bench strict(required), lenient;
    const BuildOrder order = shell_order(strict, "echo built >found");
    const BuildOrder same = shell_order(lenient, "echo built >found");
    ::setenv("PATH", programs.path.c_str(), 1);
    const auto refused = strict.build(order);
    const auto sentence = finish(strict.workshop.confinement({}));
    const auto fault = finish(strict.workshop.try_sandbox());
    const auto finding = finish(lenient.workshop.try_sandbox());
    const auto said = finish(lenient.workshop.confinement({}));
    const auto built = lenient.build(same);
    ::setenv("PATH", before.c_str(), 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(refused.error().what,
               Contains("apt-get install bubblewrap") && Contains("nothing is built"));
    REQUIRE_FALSE(sentence);
    CHECK_FALSE(fault.good);
    CHECK(finding.good);
    CHECK_THAT(finding.what, Contains("bubblewrap was not found"));
    REQUIRE(said);
    CHECK_THAT(*said, Contains("without a sandbox: bubblewrap was not found"));
    REQUIRE(built);
    CHECK(std::holds_alternative<Artefact>(*built));
}

TEST_CASE("sandbox: a tool chain must be in a readable folder, and is asked inside", "[adapters]") {
    if (!can_confine()) return;
    const Folder tools;
    build::WorkshopOptions options;
    Bench bench;
    const std::string script =
        "#!/bin/sh\necho x >" + tools.path.string() + "/asked && echo evil\nexec gcc \"$@\"\n";
    write(tools / "bin/gcc", script);
    fs::permissions(tools / "bin/gcc", fs::perms::owner_all);
    const auto order_with = [&tools](Bench& workplace) {
        BuildOrder order = workplace.order(workplace.first);
        order.spec.environment["CC"] = tools / "bin/gcc";
        return order;
    };
    const auto hidden = finish(bench.workshop.key(order_with(bench)));
    REQUIRE_FALSE(hidden);
    CHECK_THAT(hidden.error().what, Contains(tools / "bin/gcc") && Contains("'readable'"));
    options.confinement.readable = {tools.path};
    Bench seeing(options);
    CHECK(finish(seeing.workshop.key(order_with(seeing))));
    CHECK_FALSE(fs::exists(tools / "asked"));
}

TEST_CASE("sandbox: folders of secrets stay hidden below a readable one", "[adapters]") {
    if (!can_confine()) return;
    const Folder shared;
    write(shared / "tools/compiler", "shown\n");
    write(shared / "boards/bmc.password", planted);
    build::WorkshopOptions options;
    options.confinement.readable = {shared.path};
    options.hidden = {shared / "boards"};
    Bench bench(options);
    CHECK(found_by(bench, "cat " + (shared / "tools/compiler") + " " + shared.path.string() +
                              "/boards/* >found 2>/dev/null; true") == "shown\n");
}

TEST_CASE("sandbox: what lies below a folder that is shown again stays hidden", "[adapters]") {
    if (!can_confine()) return;
    const Folder shared;
    write(shared / "tools/compiler", "shown\n");
    write(shared / "tools/keys/bmc.password", planted);
    build::WorkshopOptions options;
    options.confinement.readable = {shared.path, shared / "tools"};
    options.hidden = {shared / "tools/keys", shared.path};
    Bench bench(options);
    CHECK(found_by(bench, "cat " + (shared / "tools/compiler") + " " + (shared / "tools/keys") +
                              "/* >found 2>/dev/null; true") == "shown\n");
}

TEST_CASE("sandbox: a folder of secrets stays hidden below a link to a folder above",
          "[adapters]") {
    if (!can_confine()) return;
    const Folder shared, elsewhere;
    write(shared / "tools/compiler", "shown\n");
    write(shared / "boards/bmc.password", planted);
    fs::create_directory_symlink(shared.path, elsewhere / "link");
    build::WorkshopOptions options;
    options.confinement.readable = {elsewhere / "link"};
    options.hidden = {shared / "boards"};
    Bench bench(options);
    CHECK(found_by(bench, "cat " + (elsewhere / "link/tools/compiler") + " " +
                              (elsewhere / "link/boards") + "/* >found 2>/dev/null; true") ==
          "shown\n");
}

TEST_CASE("sandbox: a hidden folder is no way to fill the machine's memory", "[adapters]") {
    if (!can_confine()) return;
    const Folder shared;
    fs::create_directory(shared / "boards");
    build::WorkshopOptions options;
    options.confinement.readable = {shared.path};
    options.hidden = {shared / "boards"};
    Bench bench(options);
    CHECK(found_by(bench, "head -c 300000000 /dev/zero >" + (shared / "boards/big") +
                              " 2>/dev/null || echo full >found; touch found") == "full\n");
}

TEST_CASE("sandbox: each process gets the configured memory, and no more", "[adapters]") {
    build::WorkshopOptions options;
    options.confinement.memory_bytes = 512ULL << 20;
    Bench bench(options);
    const auto built =
        bench.build(shell_order(bench, "head -c 2000000000 /dev/zero | tail >found || exit 1"));
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(built.error().what, Contains("memory exhausted") && Contains("0.5 GiB") &&
                                       Contains("'memory' of [builds]"));
}

TEST_CASE("sandbox: a recipe's prepare step is confined, too", "[adapters]") {
    if (!can_confine()) return;
    const Listener listener;
    Bench bench;
    write(bench.data / "token.sha256", planted);
    Recipe recipe;
    recipe.name = "hostile";
    recipe.folder = bench.recipe.path;
    recipe.digest = "1";
    recipe.reproducer.files = {"tool"};
    recipe.reproducer.prepare = "{ cat " + (bench.data / "token.sha256") + "; " + listener.knock() +
                                "; echo made; } >tool 2>/dev/null; : >>" +
                                bench.data.path.string() + "/evil";
    auto folder = finish(bench.workshop.prepare_reproducer(7, recipe));
    REQUIRE(folder);
    CHECK_FALSE(fs::exists(bench.data / "evil"));
    CHECK(read(bench.data / "bisections/7/reproducer/tool") == "made\n");
    recipe.digest = "2";
    recipe.reproducer.prepare = listener.knock() + " >tool";
    recipe.reproducer.network = true;
    folder = finish(bench.workshop.prepare_reproducer(7, recipe));
    REQUIRE(folder);
    CHECK(read(*folder + "/tool") == "reached\n");
    // A daemon that was killed in the middle of another one left its /tmp behind.
    write(bench.data / "bisections/7/reproducer.tmp/stale.o", "of another recipe");
    recipe.digest = "3";
    recipe.reproducer.prepare = "ls /tmp >tool";
    folder = finish(bench.workshop.prepare_reproducer(7, recipe));
    REQUIRE(folder);
    CHECK_THAT(read(*folder + "/tool"), !Contains("stale.o"));
}
