#include "workbench.hpp"

#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

namespace workbench {

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "bisectd-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = fs::canonical(name);
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

void write(const std::string& file, const std::string& text) {
    fs::create_directories(fs::path(file).parent_path());
    std::ofstream(file) << text;
}

std::string read(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string sh(const std::string& folder, const std::string& command) {
    ProcessSpec spec;
    spec.arguments = {"sh", "-ec", command};
    spec.folder = folder;
    spec.environment = {{"GIT_CONFIG_NOSYSTEM", "1"},
                        {"GIT_CONFIG_GLOBAL", "/dev/null"},
                        {"GIT_AUTHOR_NAME", "A"},
                        {"GIT_AUTHOR_EMAIL", "a@example.org"},
                        {"GIT_COMMITTER_NAME", "A"},
                        {"GIT_COMMITTER_EMAIL", "a@example.org"},
                        {"GIT_AUTHOR_DATE", "1700000000 +0000"},
                        {"GIT_COMMITTER_DATE", "1700000000 +0000"}};
    auto said = finish(capture(spec, 1 << 20));
    REQUIRE(said);
    INFO(command << "\n" << said->errors);
    REQUIRE(said->end.ok());
    while (!said->output.empty() && said->output.back() == '\n') said->output.pop_back();
    return said->output;
}

namespace {

// olddefconfig keeps the symbols that the file "symbols" knows, and MODULES is always n.
// What the compiler read is left as kbuild leaves it.
constexpr const char* toy_makefile = R"MAKE(
CC ?= gcc
defconfig:
	@cp defconfig.txt $(O)/.config
olddefconfig:
	@while read s; do grep -e "^$$s=" -e "^# $$s is not set" $(O)/.config || true; done \
	    < symbols > $(O)/.config.new
	@sed 's/CONFIG_MODULES=y/# CONFIG_MODULES is not set/' $(O)/.config.new > $(O)/.config
Image:
	@mkdir -p $(O)/include/config
	@echo "6.1.0$(LOCALVERSION)" > $(O)/include/config/kernel.release
	@echo "  CC      main.o"
	$(CC) -ffreestanding -c -MD -MF $(O)/main.d -DRELEASE='"6.1.0$(LOCALVERSION)"' main.c \
	    -o $(O)/main.o
	@{ echo 'cmd_main.o := gcc main.c'; echo; echo 'source_main.o := $(CURDIR)/main.c'; echo; \
	    echo 'deps_main.o := \'; echo '    $$(wildcard include/config/A) \'; \
	    sed -e 's/^[^:]*://' -e 's/\\$$//' $(O)/main.d | tr -s ' ' '\n' | grep . | \
	        sed 's|.*|  $(CURDIR)/& \\|'; echo; \
	    echo 'main.o: $$(deps_main.o)'; } > $(O)/.main.o.cmd
	@rm $(O)/main.d
	@echo "  LD      vmlinux"
	@ld --build-id=sha1 -e start $(O)/main.o -o $(O)/vmlinux
	@cp $(O)/vmlinux $(O)/Image
	@echo "0 A start" > $(O)/System.map
)MAKE";

}  // namespace

ToyKernel::ToyKernel() {
    sh(folder.path, "git init -q -b main .");
    put("Makefile", toy_makefile);
    put("main.c", "const char release[] = RELEASE;\nint value = 1;\n\nvoid start(void) {}\n");
    put("symbols", "CONFIG_A\nCONFIG_B\nCONFIG_MODULES\n");
    put("defconfig.txt", "CONFIG_A=y\n# CONFIG_B is not set\n");
    put(".gitignore", "*.o\nIgnored\n");
}

CommitId ToyKernel::commit(const std::string& subject) {
    sh(folder.path, "git add -A -f && git commit -q --allow-empty -m '" + subject + "'");
    return *CommitId::parse(sh(folder.path, "git rev-parse HEAD"));
}

std::string ToyKernel::tree(const CommitId& id) const {
    return sh(folder.path, "git rev-parse " + id.hex() + "^{tree}");
}

std::string ToyKernel::mirror() const {
    const std::string path = mirrors_ / "m.git";
    if (!fs::exists(path)) sh(folder.path, "git clone -q --mirror . " + path);
    sh(path, "git fetch -q");
    return path;
}

Bench::Bench(build::WorkshopOptions options)
    : first(toy.commit("first")), workshop(data.path, [&options] {
          options.ccache = false;
          options.spare_bytes = 0;
          return options;
      }()) {}

BuildOrder Bench::order(const CommitId& commit) {
    BuildOrder order;
    order.bisection = 7;
    order.mirror = toy.mirror();
    order.commit = commit;
    order.tree = toy.tree(commit);
    order.recipe_folder = recipe.path;
    order.log = data / "log";
    order.spec.targets = {"Image"};
    order.spec.image = "Image";
    order.spec.jobs = 2;
    order.spec.deadline = std::chrono::seconds{60};
    return order;
}

Result<BuildResult> Bench::build(BuildOrder order, ProgressSink progress) {
    auto prepared = prepare(order);
    INFO((prepared ? "" : describe(prepared.error())));
    REQUIRE(prepared);
    REQUIRE(std::holds_alternative<PreparedTree>(*prepared));
    return finish(workshop.build(order, std::get<PreparedTree>(*prepared), std::move(progress)));
}

Artefact Bench::artefact(BuildOrder order) {
    auto built = build(std::move(order));
    INFO((built ? "" : describe(built.error())));
    REQUIRE(built);
    if (auto* refusal = std::get_if<BuildRefusal>(&*built)) FAIL(refusal->excerpt);
    return std::get<Artefact>(*built);
}

}  // namespace workbench
