#include "ctl/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "ctl/commands.hpp"
#include "ctl/completion.hpp"
#include "ctl/exit_code.hpp"
#include "ctl/grammar.hpp"
#include "ctl/said.hpp"
#include "ctl/watch.hpp"

namespace bisectd::ctl {
namespace {

constexpr const char* default_socket = "/run/bisectd/bisectd.sock";
constexpr const char* exit_codes =
    "Exit codes: 0 done (watch: culprit found), 1 the daemon said no (doctor: found something),\n"
    "2 wrong command line, 3 inconclusive or wrong range, 4 failed or cancelled, 5 the daemon is\n"
    "not reachable, 130 Ctrl-C left a watch (the bisection goes on).";

/// What was said on the command line.
struct Said {
    std::string socket;
    std::vector<std::string> boards;  ///< of a start: the first one and those that share it
    std::string seen;                 ///< "3/2400"
    std::string log_file;
    std::string names, shell;
    Judging judging;
    ListWish listing;
    bool json = false;
    bool watch = false;
    StartRequest request;
    BisectionId id = 0;
    std::string board;
};

/// The daemon does not stand in our folder.
void make_absolute(StartRequest& request) {
    std::error_code error;
    if (request.repository.empty()) return;
    // Absolute first: a path that does not exist stays relative otherwise.
    const auto absolute = std::filesystem::absolute(request.repository, error);
    const auto path = std::filesystem::weakly_canonical(absolute, error);
    if (!error) request.repository = path.string();
}

/// Takes a value each time it is said, and only one: what follows may be a path.
void repeated(CLI::Option* option) {
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_ends(CLI::App& command, StartRequest& request, bool needed) {
    CLI::Option* good =
        command.add_option("--good", request.good, "a commit without the bug; may be repeated");
    repeated(good->required(needed));
    command.add_option("--bad", request.bad, "a commit with the bug")->required(needed);
}

void add_clone(CLI::App& command, StartRequest& request) {
    command.add_option("--repo", request.repository, "your clone; it is never changed")
        ->capture_default_str();
}

/// What start and replay have in common.
void add_wishes(CLI::App& command, Said& said) {
    StartRequest& request = said.request;
    add_clone(command, request);
    command.add_option("--recipe", request.recipe, "see \"bisectctl recipes\"")->required();
    repeated(command
                 .add_option("--board", said.boards,
                             "see \"bisectctl boards\"; may be repeated: they share the work")
                 ->required());
    repeated(command.add_option("--hint", request.hints,
                                "a commit that is likely to be it; may be repeated"));
    command.add_option("--seen", said.seen,
                       "H/R: the bad end failed H times in R runs, such as 3/2400");
    command.add_flag("--trust-ends", request.trust_ends, "do not test the ends");
    command
        .add_option("--confidence", request.confidence,
                    "0.5 to 0.9999: how sure to be before a suspect is named")
        ->capture_default_str();
    command.add_flag("--first-parent", request.first_parent,
                     "follow only the first parent of merges");
    command
        .add_option("--priority", request.priority,
                    "-10 to 10: who is served first where several want a board or the builder")
        ->capture_default_str();
    command.add_option("--title", request.title, "a name for people");
    command.add_flag("--watch", said.watch, "go on watching it");
}

void add_start(CLI::App& app, Said& said) {
    CLI::App* start = app.add_subcommand("start", "begin a bisection");
    said.request.repository = ".";
    add_ends(*start, said.request, true);
    add_wishes(*start, said);
    start->add_option("paths", said.request.paths, "after --: only commits that touch these paths");
}

void add_replay(CLI::App& app, Said& said) {
    CLI::App* replay = app.add_subcommand(
        "replay", "begin a bisection from what \"git bisect log\" printed: its ends and verdicts");
    replay->add_option("file", said.log_file, "the log, even out of a mail; -: standard input")
        ->required();
    add_wishes(*replay, said);
}

void add_judge(CLI::App& app, Said& said) {
    CLI::App* judge = app.add_subcommand("judge", "give, correct or withdraw a verdict");
    judge->add_option("id", said.id, "number of the bisection")->required();
    judge->add_option("commit", said.judging.commit, "as git takes it: id, tag, branch")
        ->required();
    judge->add_option("verdict", said.judging.verdict, "good, bad, skip, or withdraw")
        ->required()
        ->check(CLI::IsMember({"good", "bad", "skip", "withdraw"}));
    judge->add_option("--symptom", said.judging.symptom, "only of this symptom; else of all");
    judge->add_option("--why", said.judging.why, "for whoever reads it later");
}

void add_list(CLI::App& app, Said& said) {
    CLI::App* list = app.add_subcommand("list", "all bisections, the newest last");
    list->add_option("--limit", said.listing.limit, "only so many, the newest")
        ->check(CLI::PositiveNumber);
    list->add_option("--state", said.listing.state,
                     "open, running, paused, parked, culprit, inconclusive, wrong-range, failed or "
                     "cancelled");
    list->add_option("--search", said.listing.text,
                     "only those with this in title, ends, recipe, boards or culprit");
}

CLI::App* add_with_id(CLI::App& app, Said& said, const char* name, const char* what, bool needed) {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("id", said.id, "number of the bisection")->required(needed);
    return command;
}

void add_commands(CLI::App& app, Said& said) {
    add_start(app, said);
    add_replay(app, said);
    add_with_id(app, said, "watch", "look at a bisection live, until it ends", false);
    add_with_id(app, said, "status", "what goes on now, in one bisection or in all", false);
    add_list(app, said);
    add_with_id(app, said, "show", "one bisection (the newest): range, steps, ending, proof",
                false);
    add_with_id(app, said, "log", "as \"git bisect log\"; of the newest", false)
        ->add_option("--symptom", said.judging.symptom,
                     "of several; else the culprit's, or the one that was looked at first");
    add_with_id(app, said, "report", "the mail for a maintainer, of the newest; nobody sends it",
                false)
        ->add_option("--symptom", said.judging.symptom, "of several; else the first with a result");
    add_judge(app, said);
    add_with_id(app, said, "pause", "stop after the attempt that goes on", true);
    add_with_id(app, said, "resume", "go on after a pause", true);
    add_with_id(app, said, "cancel", "end it without a culprit", true);
    CLI::App* boards = app.add_subcommand("boards", "all boards, or give one back");
    boards->require_subcommand(0, 1);
    boards->add_subcommand("resume", "a parked board was looked after and can be used again")
        ->add_option("name", said.board, "name of the board")
        ->required();
    app.add_subcommand("recipes", "all recipes");
    app.add_subcommand("artefacts", "finished builds in the store, and what the caches saved");
    CLI::App* doctor = app.add_subcommand("doctor", "check that everything is there and works");
    add_clone(*doctor, said.request);
    add_ends(*doctor, said.request, false);
    doctor->add_option("--recipe", said.request.recipe, "see \"bisectctl recipes\"");
    repeated(doctor->add_option("--board", said.boards,
                                "see \"bisectctl boards\"; may be repeated; all without it"));
    app.add_subcommand("events", "every event of every bisection, from now on");
    app.add_subcommand("names", "names only, one a line, for scripts")
        ->add_option("of", said.names, "boards, recipes or bisections")
        ->required()
        ->check(CLI::IsMember({"boards", "recipes", "bisections"}));
    app.add_subcommand("completion", "the script that completes commands in your shell")
        ->add_option("shell", said.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void take_boards(Said& said) {
    if (said.boards.empty()) return;
    said.request.board = said.boards.front();
    said.request.more_boards.assign(said.boards.begin() + 1, said.boards.end());
}

/// What was said in other words than the daemon's.
Result<void> complete(Said& said) {
    take_boards(said);
    if (!said.seen.empty()) {
        Result<Seen> seen = read_seen(said.seen);
        if (!seen) return std::unexpected(seen.error());
        said.request.seen_failures = seen->failures;
        said.request.seen_runs = seen->runs;
    }
    if (said.log_file.empty()) return {};
    Result<std::string> log = read_log(said.log_file);
    if (!log) return std::unexpected(log.error());
    said.request.replay = std::move(*log);
    return {};
}

/// The whole grammar; what is said goes to `said`.
void add_all(CLI::App& app, Said& said) {
    app.description("bisectctl talks to bisectd, which finds the commit that broke a kernel");
    app.footer(exit_codes);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--socket", said.socket, "the daemon's socket ($BISECTD_SOCKET)")
        ->capture_default_str();
    app.add_flag("--json", said.json, "print the daemon's answer as JSON");
    add_commands(app, said);
}

int print_completion(const std::string& shell, const Terminal& terminal) {
    const CommandWord program = command_line();
    terminal.out << (shell == "bash"  ? bash_completion(program)
                     : shell == "zsh" ? zsh_completion(program)
                                      : fish_completion(program));
    return exit_ok;
}

int do_it(const CLI::App& app, Said& said, const Terminal& terminal) {
    const Client client(said.socket);
    const CLI::App* command = app.get_subcommands().front();
    const std::string& name = command->get_name();
    WatchOptions watching;
    watching.json = said.json;
    if (name == "start" || name == "replay") {
        if (Result<void> completed = complete(said); !completed) {
            report(completed.error(), terminal);
            return exit_usage;
        }
        make_absolute(said.request);
        const auto requests = one_for_each_kind(client, said.request);
        if (!requests) return report(requests.error(), terminal);
        BisectionId first = 0;
        for (const StartRequest& request : *requests) {
            if (const int code = start(client, request, said.json, terminal, said.id);
                code != exit_ok)
                return code;
            if (first == 0) first = said.id;
        }
        return said.watch ? watch(client, first, watching, terminal) : exit_ok;
    }
    if (name == "completion") return print_completion(said.shell, terminal);
    if (name == "names") return names(client, said.names, said.json, terminal);
    if (name == "watch") return watch(client, said.id, watching, terminal);
    if (name == "judge") return judge(client, said.id, said.judging, said.json, terminal);
    if (name == "status") return status(client, said.id, said.json, terminal);
    if (name == "list") return list(client, said.listing, said.json, terminal);
    if ((name == "show" || name == "log" || name == "report") && said.id == 0) {
        Result<BisectionId> found = newest(client);
        if (!found) return report(found.error(), terminal);
        said.id = *found;
    }
    if (name == "show") return show(client, said.id, said.json, terminal);
    if (name == "log") return log(client, said.id, said.judging.symptom, said.json, terminal);
    if (name == "report")
        return report_mail(client, said.id, said.judging.symptom, said.json, terminal);
    if (name == "recipes") return recipes(client, said.json, terminal);
    if (name == "artefacts") return artefacts(client, said.json, terminal);
    if (name == "events") return follow_events(client, watching, terminal);
    if (name == "boards")
        return command->get_subcommands().empty()
                   ? boards(client, said.json, terminal)
                   : return_board(client, said.board, said.json, terminal);
    if (name == "doctor") {
        if (command->count("--repo") == 0) said.request.repository.clear();
        make_absolute(said.request);
        take_boards(said);
        return doctor(client, said.request, said.json, terminal);
    }
    return change(client, said.id, name, said.json, terminal);
}

}  // namespace

CommandWord command_line() {
    CLI::App app;
    Said said;
    add_all(app, said);
    return described(app);
}

int bisectctl(int argc, const char* const* argv, const Terminal& terminal) {
    CLI::App app;
    Said said;
    const char* from_environment = std::getenv("BISECTD_SOCKET");
    said.socket = from_environment != nullptr && *from_environment != '\0' ? from_environment
                                                                           : default_socket;
    add_all(app, said);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 reports by exceptions; they end here. Help is one of them, with code 0.
        const int code = app.exit(error, terminal.out, terminal.err);
        return code == 0 ? exit_ok : exit_usage;
    }
    return do_it(app, said, terminal);
}

}  // namespace bisectd::ctl
