// What a build leaves behind is read by the daemon, outside of the sandbox: links and odd files in
// its output folder must not lead anywhere.
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/build/file_access.hpp"
#include "workbench.hpp"

using namespace workbench;

namespace {

/// A toy kernel whose Makefile does one thing more at the end of a target.
CommitId with_trick(Bench& bench, const std::string& target, const std::string& trick) {
    const std::string makefile = read(bench.toy.folder / "Makefile");
    const std::string line = "\n" + target + ":\n";
    const auto at = makefile.find(line) + line.size();
    bench.toy.put("Makefile", makefile.substr(0, at) + "\t@" + trick + "\n" + makefile.substr(at));
    return bench.toy.commit("a trick");
}

/// The same, after the target's own commands.
CommitId with_last_trick(Bench& bench, const std::string& trick) {
    bench.toy.put("Makefile", read(bench.toy.folder / "Makefile") + "\t@" + trick + "\n");
    return bench.toy.commit("a trick");
}

}  // namespace

TEST_CASE("a configuration that is a link out is neither read nor written through", "[adapters]") {
    Bench bench;
    const std::string secret = bench.data / "journal.sqlite";
    write(secret, "CONFIG_SECRET=y\n");
    const CommitId commit = with_trick(bench, "defconfig", "ln -s " + secret + " $(O)/.config");
    const auto built = bench.build(bench.order(commit));
    CHECK_FALSE((built && std::holds_alternative<Artefact>(*built)));
    CHECK(read(secret) == "CONFIG_SECRET=y\n");
}

TEST_CASE("an own base configuration is not written through a link", "[adapters]") {
    Bench bench;
    const std::string precious = bench.data / "precious";
    write(precious, "whole\n");
    write(bench.recipe / "base", "CONFIG_A=y\n");
    const std::string link = bench.output() + "/.config";
    BuildOrder order = bench.order(bench.first);
    order.spec.base_config = "file:base";
    auto prepared = bench.prepare(order);
    REQUIRE(prepared);
    fs::create_symlink(precious, link);
    auto built =
        finish(bench.workshop.build(order, std::get<PreparedTree>(*prepared), ProgressSink()));
    CHECK(built);
    CHECK(read(precious) == "whole\n");
}

TEST_CASE("a release, kernel or image that is a link out ends the build", "[adapters]") {
    const char* name = GENERATE("include/config/kernel.release", "vmlinux", "Image", ".config");
    Bench bench;
    const std::string secret = bench.data / "token";
    write(secret, "planted-secret");
    const std::string file = std::string("$(O)/") + name;
    const CommitId commit = with_last_trick(bench, "ln -sf " + secret + " " + file);
    const auto built = bench.build(bench.order(commit));
    INFO(name);
    REQUIRE_FALSE(built);
    CHECK_THAT(built.error().what, Contains("leads out of the output folder"));
}

TEST_CASE("a pipe in the place of a file does not hold the daemon up", "[adapters]") {
    Bench bench;
    const CommitId commit = with_last_trick(bench, "rm -f $(O)/vmlinux && mkfifo $(O)/vmlinux");
    const auto built = bench.build(bench.order(commit));
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    const Folder folder;
    sh(folder.path, "mkfifo pipe; ln -s /dev/zero device");
    for (const char* odd : {"pipe", "device"})
        CHECK_THAT(build::read_file(folder / odd, 100).error().what, Contains("no regular file"));
}
