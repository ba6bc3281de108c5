#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "ctl/command_line.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/ctl/ctl_run.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// What a command prints; it must end well.
std::string printed_by(const std::string& command) {
    std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> bytes;
    while (const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), pipe))
        text.append(bytes.data(), got);
    INFO(text);
    CHECK(::pclose(pipe) == 0);
    return text;
}

/// What bash offers behind `words`, a word a line; the last word is the one being written.
/// `folder`: where the programs are that the script asks.
std::string offered(const std::string& folder, const std::vector<std::string>& words) {
    const std::string script = folder + "/try";
    std::ofstream out(script);
    out << "PATH=" << folder << ":$PATH\nset -u\n. " << folder << "/completion\nCOMP_WORDS=(";
    for (const std::string& word : words) out << "'" << word << "' ";
    out << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_bisectctl\n"
           "if ((${#COMPREPLY[@]})); then printf '%s\\n' \"${COMPREPLY[@]}\"; fi\n";
    out.close();
    return printed_by("bash " + script);
}

/// The same of fish, which sorts them. Descriptions are left out.
std::string offered_by_fish(const std::string& folder, const std::string& line) {
    std::ofstream(folder + "/completion.fish") << bisectctl({"completion", "fish"}).out;
    return printed_by("HOME=" + folder + " PATH=" + folder + ":$PATH fish --no-config -c 'source " +
                      folder + "/completion.fish; complete -C \"" + line + "\" | cut -f 1'");
}

// A shell on a terminal of its own is asked as a person asks it, and tells in angle brackets what
// the completion offers. Nothing of what it draws is read.
constexpr const char* zsh_driver = R"zsh(zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1= PS2=; PATH=$1:\$PATH; autoload -Uz compinit && compinit -D -u; . $1/completion.zsh"
zpty -w shell 'compadd() {
    local -a found
    builtin compadd -A found "$@"
    print -rl -- "<"$^found">"
    builtin compadd "$@"
}'
zpty -w shell "bindkey '^I' list-choices; print REA''DY"
zpty -r -m shell line '*READY*'
zpty -w -n shell "$2"$'\t'
zpty -w shell $'\C-u print EN\'\'DED'
zpty -r -m shell line '*ENDED*'
zpty -d shell
for word in ${(f)line}; do
    [[ $word == *\<*\>* ]] && { word=${word##*\<}; print -r -- "${word%%\>*}"; }
done
true
)zsh";

std::string offered_by_zsh(const std::string& folder, const std::string& line) {
    std::ofstream(folder + "/completion.zsh") << bisectctl({"completion", "zsh"}).out;
    std::ofstream(folder + "/driver") << zsh_driver;
    return printed_by("HOME=" + folder + " timeout 60 zsh -f " + folder + "/driver " + folder +
                      " '" + line + "'");
}

std::string sorted_lines(const std::string& text) {
    std::istringstream in(text);
    std::set<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.insert(line);
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
}

bool is_here(const std::string& program) {
    return ::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

void write_program(const std::string& path, const std::string& text) {
    std::ofstream(path) << "#!/bin/sh\n" << text;
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

/// A folder with the script for bash, and programs that it may ask.
void fill(const std::string& folder) {
    std::ofstream(folder + "/completion") << bisectctl({"completion", "bash"}).out;
    write_program(folder + "/bisectctl",
                  "case $2 in boards) echo vb1; echo vb2 ;; "
                  "recipes) echo brk ;; bisections) echo 17 ;; esac\n");
    write_program(folder + "/git", "printf '%s\\n' v6.1 'v$(touch " + folder +
                                       "/hacked)' 'v`id`' 'v;x' v6.2-rc1 origin/main\n");
}

}  // namespace

TEST_CASE("completion: the scripts of all shells know every command and every option", "[ctl]") {
    const ctl::CommandWord program = ctl::command_line();
    CHECK(ctl::all_commands(program).size() >= 19);
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const CtlRun run = bisectctl({"completion", shell});
        CHECK(run.code == 0);
        const auto knows_option = [&run, &shell](const ctl::OptionWord& option) {
            INFO(shell << " " << option.name);
            CHECK_THAT(run.out,
                       Contains(std::string(shell) == "fish" ? " -l " + option.name.substr(2) + " "
                                                             : option.name));
        };
        for (const ctl::OptionWord& option : program.options) knows_option(option);
        for (const ctl::CommandWord* command : ctl::all_commands(program)) {
            INFO(shell << " " << command->name);
            const std::string word = command->name.substr(command->name.rfind(' ') + 1);
            CHECK_THAT(run.out,
                       Contains(std::string(shell) == "fish" ? " -a " + word + " -d "
                                                             : "'" + command->name + ":-'"));
            for (const ctl::OptionWord& option : command->options) knows_option(option);
        }
    }
    CHECK(bisectctl({"completion", "csh"}).code == 2);
}

TEST_CASE("completion: bash offers commands, options of a command, and values", "[ctl]") {
    const TestFolder folder;
    fill(folder.path());
    const auto offers = [&folder](std::vector<std::string> words) {
        words.insert(words.begin(), "bisectctl");
        return offered(folder.path(), words);
    };
    const std::string all = offers({""});
    for (const ctl::CommandWord& command : ctl::command_line().commands)
        CHECK_THAT("\n" + all, Contains("\n" + command.name + "\n"));
    CHECK(offers({"st"}) == "start\nstatus\n");
    CHECK(offers({"--json", "can"}) == "cancel\n");
    CHECK(offers({"--socket", "x", "can"}) == "cancel\n");
    CHECK(offers({"start", "--trust"}) == "--trust-ends\n");
    CHECK(offers({"start", "--board", ""}) == "vb1\nvb2\n");
    CHECK(offers({"start", "--board", "vb1", "--recipe", "b"}) == "brk\n");
    CHECK(offers({"show", ""}) == "17\n");
    CHECK(offers({"judge", "17", "v6.1", ""}) == "good\nbad\nskip\nwithdraw\n");
    CHECK(offers({"boards", ""}) == "resume\n");
    CHECK(offers({"boards", "resume", ""}) == "vb1\nvb2\n");
    CHECK(offers({"replay", ""}).empty());  // the shell's own files
    CHECK(offers({"show", "--s"}) == "--socket\n");
}

TEST_CASE("completion: fish and zsh offer the same, as far as they are installed", "[ctl]") {
    const TestFolder folder;
    fill(folder.path());
    struct Asked {
        const char* line;
        const char* words;
    };
    for (const auto& [line, words] :
         std::vector<Asked>{{"bisectctl st", "start\nstatus\n"},
                            {"bisectctl --socket x can", "cancel\n"},
                            {"bisectctl start --trust", "--trust-ends\n"},
                            {"bisectctl start --board ", "vb1\nvb2\n"},
                            {"bisectctl start --board vb1 --recipe b", "brk\n"},
                            {"bisectctl show ", "17\n"},
                            {"bisectctl show --s", "--socket\n"},
                            {"bisectctl judge 17 ", "origin/main\nv6.1\nv6.2-rc1\n"},
                            {"bisectctl judge 17 v6.1 ", "bad\ngood\nskip\nwithdraw\n"},
                            {"bisectctl boards resume ", "vb1\nvb2\n"}}) {
        INFO(line);
        if (is_here("fish")) CHECK(offered_by_fish(folder.path(), line) == words);
        if (is_here("zsh")) CHECK(sorted_lines(offered_by_zsh(folder.path(), line)) == words);
    }
    CHECK_FALSE(std::ifstream(folder.path() + "/hacked"));
    for (const char* shell : {"fish", "zsh"})
        if (!is_here(shell)) WARN(std::string(shell) + " is not installed: it was not asked");
}

TEST_CASE("completion: a branch with a hostile name is neither run nor offered", "[ctl]") {
    const TestFolder folder;
    fill(folder.path());
    CHECK(offered(folder.path(), {"bisectctl", "start", "--good", ""}) ==
          "v6.1\nv6.2-rc1\norigin/main\n");
    CHECK_FALSE(std::ifstream(folder.path() + "/hacked"));
}

TEST_CASE("names: names only, one a line, and none that a shell would read", "[ctl]") {
    TestServer server([](FakeControl& control) {
        control.add(ended_bisection(1));
        control.add(running_bisection(2));
        control.board_list = {{"vb1", "rpi4", 0, "free", "", ""},
                              {"$(reboot)", "rpi4", 0, "free", "", ""}};
    });
    const auto ask = [&server](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", server.socket(), "names"});
        return bisectctl(std::move(arguments));
    };
    CHECK(ask({"boards"}).out == "vb1\n");
    CHECK(ask({"bisections"}).out == "1\n2\n");
    CHECK(ask({"recipes"}).code == 0);
    CHECK(ask({"boards", "--json"}).out.starts_with("{\"boards\":"));
    CHECK(ask({"people"}).code == 2);
}

TEST_CASE("manual: bisectctl(1) has every command, option and exit code, bisectd.toml(5) every key",
          "[ctl]") {
    const std::string folder = std::string(BISECTD_SOURCE) + "/docs/man/";
    std::string page;
    for (const char c : text_of(folder + "bisectctl.1"))
        if (c != '\\') page += c;
    const ctl::CommandWord program = ctl::command_line();
    for (const ctl::OptionWord& option : program.options) CHECK_THAT(page, Contains(option.name));
    for (const ctl::CommandWord* command : ctl::all_commands(program)) {
        INFO(command->name);
        const bool there = page.find("\n.B " + command->name + "\n") != std::string::npos ||
                           page.find("\n.BI " + command->name + " ") != std::string::npos ||
                           page.find("\n.BI \"" + command->name + "\" ") != std::string::npos ||
                           page.find("\n.BR " + command->name + " ") != std::string::npos;
        CHECK(there);
        for (const ctl::OptionWord& option : command->options) {
            INFO(option.name);
            CHECK_THAT(page, Contains(option.name));
        }
    }
    for (const char* code : {"0", "1", "2", "3", "4", "5", "130"}) {
        CHECK_THAT(page, Contains(std::string("\n.B ") + code + "\n"));
        CHECK_THAT(text_of(std::string(BISECTD_SOURCE) + "/docs/api.md"),
                   Contains(std::string("\n| ") + code + " | "));
    }
    const std::string keys = text_of(folder + "bisectd.toml.5");
    std::ifstream example(std::string(BISECTD_SOURCE) + "/config/bisectd.toml");
    std::size_t seen = 0;
    for (std::string line; std::getline(example, line);) {
        const std::size_t equals = line.find(" = ");
        if (line.starts_with("#") || equals == std::string::npos) continue;
        ++seen;
        INFO(line);
        CHECK_THAT(keys, Contains("\n.BR " + line.substr(0, equals) + " "));
    }
    CHECK(seen >= 16);
}
