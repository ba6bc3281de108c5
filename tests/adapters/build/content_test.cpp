#include "adapters/build/content_digest.hpp"

#include <catch2/catch.hpp>

#include "adapters/build/manifest.hpp"
#include "workbench.hpp"

using namespace workbench;

TEST_CASE("commits that differ in nothing that is built have equal contents and other names",
          "[adapters][build]") {
    Bench bench;
    const Artefact one = bench.artefact(bench.order(bench.first));
    bench.toy.put("Documentation/words", "words");
    const Artefact two = bench.artefact(bench.order(bench.toy.commit("words only")));
    CHECK(one.release != two.release);
    CHECK(one.build_id != two.build_id);
    CHECK(one.image().sha256 != two.image().sha256);
    CHECK(one.content_sha256.size() == 64);
    CHECK(one.content_sha256 == two.content_sha256);
    CHECK(bench.workshop.find(two.key)->content_sha256 == two.content_sha256);

    bench.toy.put("main.c",
                  "const char release[] = RELEASE;\nint value = 2;\n\nvoid start(void) {}\n");
    const Artefact three = bench.artefact(bench.order(bench.toy.commit("another value")));
    CHECK(three.content_sha256 != one.content_sha256);
}

TEST_CASE("a change of a comment changes no content", "[adapters][build]") {
    Bench bench;
    const Artefact one = bench.artefact(bench.order(bench.first));
    bench.toy.put("main.c",
                  "/* said */ const char release[] = RELEASE;\nint value = 1;\n\n"
                  "void start(void) {}\n");
    const Artefact two = bench.artefact(bench.order(bench.toy.commit("a comment")));
    CHECK(one.content_sha256 == two.content_sha256);
}

TEST_CASE("code beside the kernel in the boot image is content", "[adapters][build]") {
    Bench bench;
    const Artefact built = bench.artefact(bench.order(bench.first));
    const Folder output, source;
    write(output / "vmlinux", read(built.image().path));
    const auto content = [&output, &source, &built] {
        return *build::kernel_content({source.path, output.path}, built.release, built.build_id);
    };
    const std::string before = content();
    CHECK(before == built.content_sha256);
    write(output / "arch/x86/boot/compressed/piggy.o", "the compressed kernel");
    CHECK(content() == before);
    write(output / "arch/x86/boot/compressed/misc.o", "unpacks it");
    const std::string with_code = content();
    CHECK(with_code != before);
    write(output / "arch/x86/boot/compressed/misc.o", "unpacks It");
    CHECK(content() != with_code);

    // The set-up code says how large the compressed kernel is, and the release changes that.
    write(source / "arch/x86/boot/header.S", "code");
    write(output / "arch/x86/boot/header.o", "code, 1000 bytes");
    const std::string by_object = content();
    write(output / "arch/x86/boot/.header.o.cmd",
          "source_header.o := " + (source / "arch/x86/boot/header.S") +
              "\n\ndeps_header.o := \\\n  arch/x86/boot/zoffset.h \\\n");
    const std::string by_sources = content();
    CHECK(by_sources != by_object);
    write(output / "arch/x86/boot/header.o", "code, 1002 bytes");
    CHECK(content() == by_sources);
    write(source / "arch/x86/boot/header.S", "other code");
    CHECK(content() != by_sources);
}

TEST_CASE("words are masked across pieces, and only with their own length", "[adapters][build]") {
    const auto digest = [](std::vector<std::string> words, std::vector<std::string> pieces) {
        build::MaskedDigest made(std::move(words));
        for (const std::string& piece : pieces) made.add(piece);
        return made.hex();
    };
    CHECK(digest({"6.1-a"}, {"x 6.1-a y 6.1-a"}) == digest({"6.1-b"}, {"x 6.", "1-b y 6.1-", "b"}));
    CHECK(digest({"6.1-a"}, {"x 6.1-a y"}) != digest({"6.1-a"}, {"x 6.1-a z"}));
    CHECK(digest({"6.1-a"}, {"x 6.1-a y"}) != digest({"6.1-ab"}, {"x 6.1-ab y"}));
    CHECK(digest({""}, {"x"}) == digest({}, {"x"}));
    CHECK(digest({}, {"x", "y"}) == digest({}, {"xy"}));
}

TEST_CASE("the contents of a command's files are what they are", "[adapters][build]") {
    Bench bench;
    const auto build = [&bench](const CommitId& commit) {
        BuildOrder order = bench.order(commit);
        order.spec.kind = BuildKind::command;
        order.spec.command = "cp $SOURCE/main.c out";
        order.spec.artefacts = {"out"};
        return bench.artefact(order);
    };
    const Artefact one = build(bench.first);
    bench.toy.put("new", "file");
    const Artefact two = build(bench.toy.commit("beside it"));
    bench.toy.put("main.c", "changed");
    const Artefact three = build(bench.toy.commit("changed"));
    CHECK(one.key != two.key);
    CHECK(one.content_sha256 == two.content_sha256);
    CHECK(one.content_sha256 != three.content_sha256);
    CHECK(one.files.size() == 1);  // no list of sources
}

TEST_CASE("a manifest from before contents were known is still read", "[adapters][build]") {
    Bench bench;
    const Artefact built = bench.artefact(bench.order(bench.first));
    std::string text = build::write_manifest(built);
    CHECK(build::read_manifest(text)->content_sha256 == built.content_sha256);
    CHECK(built.compiler.starts_with("gcc ("));
    CHECK_FALSE(built.compiler.ends_with(";"));
    CHECK(build::read_manifest(text)->compiler == built.compiler);
    const std::string part = "\"content_sha256\":\"" + built.content_sha256 + "\",";
    REQUIRE(text.find(part) != std::string::npos);
    text.erase(text.find(part), part.size());
    const auto older = build::read_manifest(text);
    REQUIRE(older);
    CHECK(older->content_sha256.empty());
}
