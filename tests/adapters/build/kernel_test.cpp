#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include "workbench.hpp"

using namespace workbench;

TEST_CASE("a kernel is built, named, and kept with its proof", "[adapters][build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    std::vector<Progress> seen;
    ProgressSink progress = [&seen](const Progress& p) { seen.push_back(p); };
    auto built = bench.build(order, progress);
    REQUIRE(built);
    const auto& artefact = std::get<Artefact>(*built);
    CHECK(artefact.release == "6.1.0-bisect7-g" + bench.first.brief());
    CHECK(artefact.build_id.size() == 40);
    CHECK(artefact.image().name == "image");
    CHECK(fs::file_size(artefact.image().path) == artefact.image().bytes);
    CHECK(artefact.files.size() == 4);
    CHECK_THAT(read(artefact.files[1].path), Contains("CONFIG_A=y"));
    CHECK_THAT(read(order.log), Contains("LOCALVERSION=-bisect7-g") && Contains("CC      main.o"));
    REQUIRE(seen.size() == 2);
    CHECK(seen.back().text == "vmlinux");
    const auto found = bench.workshop.find(artefact.key);
    REQUIRE(found);
    CHECK(found->build_id == artefact.build_id);
    CHECK(artefact.key == *finish(bench.workshop.key(order)));

    seen.clear();
    bench.toy.put("new", "file");
    REQUIRE(bench.build(bench.order(bench.toy.commit("next")), progress));
    CHECK(seen.front().total == 2);  // learnt
}

TEST_CASE("a kernel's symbols are listed by GCC's own nm, where there is one that works",
          "[adapters][build]") {
    build::WorkshopOptions options;
    const Folder tools;
    options.confinement.readable = {tools.path};
    Bench bench(options);
    int built = 0;
    const auto log_of = [&bench, &built](BuildOrder order) {
        order.log += std::to_string(++built);
        bench.artefact(order);
        return read(order.log);
    };
    BuildOrder order = bench.order(bench.first);
    CHECK_THAT(log_of(order), Contains(" NM=gcc-nm "));
    order.spec.environment["NM"] = "nm";
    CHECK_THAT(log_of(order), !Contains(" NM="));

    // As of a GCC without plugins: "Cannot find plugin 'liblto_plugin.so'".
    for (const char* text : {"gcc=exec gcc \"$@\"", "ld=exec ld \"$@\"", "gcc-nm=exit 1"}) {
        const std::string line = text;
        const std::string file = tools / ("toy-" + line.substr(0, line.find('=')));
        write(file, "#!/bin/sh\n" + line.substr(line.find('=') + 1) + "\n");
        fs::permissions(file, fs::perms::owner_all);
    }
    BuildOrder other = bench.order(bench.first);
    other.spec.cross_compile = tools / "toy-";
    CHECK_THAT(log_of(other), Contains("CROSS_COMPILE=") && !Contains(" NM="));
}

TEST_CASE("a rebuild under the same release is identical", "[adapters][build]") {
    Bench bench;
    const Artefact one = bench.artefact(bench.order(bench.first));
    BuildOrder again = bench.order(bench.first);
    again.bisection = 9;
    again.localversion = "-bisect7-g" + bench.first.brief();
    const Artefact two = bench.artefact(again);
    CHECK(one.image().sha256 == two.image().sha256);
    CHECK(one.build_id == two.build_id);
    CHECK(one.key == two.key);
}

TEST_CASE("two commits that build the same are seen to be equal", "[adapters][build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    order.localversion = "-same";
    const Artefact one = bench.artefact(order);
    bench.toy.put("Documentation", "words");
    order = bench.order(bench.toy.commit("words only"));
    order.localversion = "-same";
    const Artefact two = bench.artefact(order);
    CHECK(one.key != two.key);
    CHECK(one.image().sha256 == two.image().sha256);
}

TEST_CASE("the patch stack is in the release and in the kernel", "[adapters][build]") {
    Bench bench;
    bench.toy.put("main.c",
                  "const char release[] = RELEASE;\nint value = 2;\n\nvoid start(void) {}\n");
    const CommitId second = bench.toy.commit("second");
    BuildOrder order = bench.order(bench.first);
    Patch patch;
    patch.commit = second.hex();
    order.patches = {patch};
    const Artefact patched = bench.artefact(order);
    CHECK_THAT(patched.release, Contains("-g" + bench.first.brief() + "-p"));
    CHECK(patched.release.size() == std::string("6.1.0-bisect7-g-p").size() + 12 + 6);
}

TEST_CASE("drift is told and a missing required option refuses", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "f.config", "CONFIG_B=y\nCONFIG_MODULES=y\nCONFIG_GONE=y\n");
    BuildOrder order = bench.order(bench.first);
    order.spec.fragments = {"f.config"};
    order.spec.required = {"CONFIG_B=y"};
    const Artefact artefact = bench.artefact(order);
    CHECK(artefact.drift == std::vector<std::string>{"CONFIG_GONE: asked y, vanished",
                                                     "CONFIG_MODULES: asked y, is n"});
    order.spec.required = {"CONFIG_B=y", "CONFIG_GONE=y"};
    auto refused = bench.build(order);
    REQUIRE(refused);
    REQUIRE(std::holds_alternative<BuildRefusal>(*refused));
    CHECK_THAT(std::get<BuildRefusal>(*refused).excerpt,
               Contains("CONFIG_GONE=y") && !Contains("CONFIG_B=y"));

    write(bench.recipe / "base", "CONFIG_A=y\nCONFIG_B=y\n");
    order.spec.base_config = "file:base";
    order.spec.fragments.clear();
    order.spec.required.clear();
    CHECK_THAT(read(bench.artefact(order).files[1].path), Contains("CONFIG_B=y"));
}

TEST_CASE("the compiler's no is a fact about the commit", "[adapters][build]") {
    Bench bench;
    bench.toy.put("main.c", "void start(void) { return 1 }\n");
    auto built = bench.build(bench.order(bench.toy.commit("broken")));
    REQUIRE(built);
    REQUIRE(std::holds_alternative<BuildRefusal>(*built));
    CHECK_THAT(std::get<BuildRefusal>(*built).excerpt, Contains("main.c:1") && Contains("error:"));

    bench.toy.put("main.c", "void start(void) {}\n");
    BuildOrder order = bench.order(bench.toy.commit("fixed"));
    order.spec.image = "arch/none/Image";
    auto none = bench.build(order);
    REQUIRE(none);
    CHECK_THAT(std::get<BuildRefusal>(*none).excerpt, Contains("arch/none/Image"));
}

TEST_CASE("a killed compiler, a missing program and a deadline are the machine's",
          "[adapters][build]") {
    Bench bench;
    const std::string makefile = read(bench.toy.folder / "Makefile");
    const auto with_step = [&bench, &makefile](const std::string& step) {
        std::string text = makefile;
        text.replace(text.find("\t@echo \"  LD"), 0, "\t" + step + "\n");
        bench.toy.put("Makefile", text);
        return bench.order(bench.toy.commit(step.substr(0, 5)));
    };
    auto killed = bench.build(with_step("kill -KILL $$$$"));
    REQUIRE_FALSE(killed);
    CHECK(killed.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(killed.error().what, Contains("Killed"));

    auto missing = bench.build(with_step("no-such-program-xyz"));
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().what, Contains("no-such-program-xyz"));

    BuildOrder order = with_step("sleep 1000");
    order.spec.deadline = std::chrono::seconds{2};
    auto late = bench.build(order);
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(late.error().what, Contains("2 s"));
}

TEST_CASE("a build that edits tracked files is an infrastructure error", "[adapters][build]") {
    Bench bench;
    std::string text = read(bench.toy.folder / "Makefile");
    text.replace(text.find("\t@echo \"  LD"), 0, "\techo x >> symbols; touch main.c new.c\n");
    bench.toy.put("Makefile", text);
    auto built = bench.build(bench.order(bench.toy.commit("edits")));
    REQUIRE_FALSE(built);
    CHECK(built.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(built.error().what, Contains("symbols") && !Contains("main.c"));
}

TEST_CASE("a build can be cancelled in the middle", "[adapters][build]") {
    Bench bench;
    std::string text = read(bench.toy.folder / "Makefile");
    text.replace(text.find("\t@echo \"  LD"), 0, "\tsleep 1000\n");
    bench.toy.put("Makefile", text);
    BuildOrder order = bench.order(bench.toy.commit("slow"));
    auto prepared = bench.prepare(order);
    REQUIRE(prepared);
    boost::asio::io_context context;
    boost::asio::cancellation_signal signal;
    std::optional<ErrorKind> kind;
    bool started = false;
    ProgressSink progress = [&started](const Progress&) { started = true; };
    boost::asio::co_spawn(
        context, bench.workshop.build(order, std::get<PreparedTree>(*prepared), progress),
        boost::asio::bind_cancellation_slot(
            signal.slot(), [&kind](std::exception_ptr, Result<BuildResult> result) {
                if (!result) kind = result.error().kind;
            }));
    while (!started) context.run_one();
    signal.emit(boost::asio::cancellation_type::terminal);
    context.run();
    CHECK(kind == ErrorKind::cancelled);
    CHECK_FALSE(bench.workshop.find(*finish(bench.workshop.key(order))));
}

TEST_CASE("a tree is built once, and only for its own order", "[adapters][build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    const PreparedTree tree = std::get<PreparedTree>(*bench.prepare(order));
    CHECK(finish(bench.workshop.build(order, tree, {})));
    auto again = finish(bench.workshop.build(order, tree, {}));
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorKind::bug);
}
