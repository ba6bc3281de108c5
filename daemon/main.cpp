// bisectd: names every concrete adapter, wires them, starts, stops. Nothing is decided here.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "adapters/board/drivers.hpp"
#include "adapters/build/clean_workshop.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/clock/system_clock.hpp"
#include "adapters/config/daemon_config.hpp"
#include "adapters/config/toml_catalogue.hpp"
#include "adapters/digest/sha256.hpp"
#include "adapters/git/git_repository.hpp"
#include "adapters/http/http_server.hpp"
#include "adapters/http/token.hpp"
#include "adapters/logs/file_logs.hpp"
#include "adapters/notify/configured_herald.hpp"
#include "adapters/notify/systemd.hpp"
#include "adapters/ssh/any_shells.hpp"
#include "adapters/store/sqlite_journal.hpp"
#include "adapters/store/upkeep.hpp"
#include "agent_text.hpp"
#include "core/printable.hpp"
#include "orchestration/supervisor.hpp"

namespace bisectd {
namespace {

namespace asio = boost::asio;

/// libgit2 and hashing: two at a time are enough beside one build.
constexpr std::size_t pool_threads = 2;

void set_up_log(const std::string& level) {
    auto logger = spdlog::stderr_color_mt("bisectd");
    // Under systemd the level goes in front as <n>, and the time is the journal's. sd-daemon(3).
    if (std::getenv("JOURNAL_STREAM") != nullptr)
        logger->set_pattern("%v");
    else
        logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(logger);
}

void log_line(const std::string& level, const std::string& text) {
    static const bool under_systemd = std::getenv("JOURNAL_STREAM") != nullptr;
    const char* prefix = !under_systemd       ? ""
                         : level == "error"   ? "<3>"
                         : level == "warning" ? "<4>"
                                              : "<6>";
    // Much of it is from outside: nothing in it may begin another line or move a cursor.
    spdlog::log(spdlog::level::from_str(level), "{}{}", prefix, printable(text));
}

/// A descriptor for each connection and child. Source: HttpOptions::connection_limit, and as many.
constexpr rlim_t wanted_descriptors = 2048;

/// The usual soft limit of 1024 is for programs that use select(2). Where more is not allowed, the
/// server refuses what comes above.
void allow_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted_descriptors) return;
    limit.rlim_cur = std::min(limit.rlim_max, wanted_descriptors);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int fail(const Error& error) {
    // The problems of a file are told a line each.
    std::istringstream lines(describe(error));
    for (std::string line; std::getline(lines, line);) log_line("error", line);
    return error.kind == ErrorKind::request ? 2 : 1;
}

/// Writes the agent where it can be pushed from; its name carries its digest.
Result<std::string> place_agent(const std::string& folder) {
    Sha256 digest;
    digest.add(agent_text());
    std::string name = "bisectd-agent-" + digest.hex().substr(0, 12);
    auto written = build::write_file(folder + "/" + name, agent_text());
    if (!written) return std::unexpected(written.error());
    return name;
}

Result<void> make_folders(const DaemonConfig& config) {
    // Boards' keys, consoles and reproducers are nobody else's business.
    ::umask(0077);
    for (const std::string& folder :
         {config.data_folder, config.data_folder + "/agent", config.data_folder + "/scratch",
          std::filesystem::path(config.socket).parent_path().string()}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) return infrastructure(folder, "cannot be made: " + error.message());
    }
    return {};
}

/// Ends the daemon in good order, when somebody asks for it or it cannot go on.
asio::awaitable<void> wait_for_end(asio::io_context& context, asio::signal_set& signals,
                                   const int& exit_code, Supervisor& supervisor,
                                   HttpServer& server) {
    if (exit_code == 0) co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    log_line("info", "stopping; bisections go on when bisectd is started again");
    tell_service_manager_stopping();
    co_await supervisor.stop();
    server.stop();
    context.stop();
}

std::string token_of(const DaemonConfig& config) {
    return config.data_folder + "/token.sha256";
}

/// The token goes to standard output alone: so it can be piped, and is not logged.
int give_token(const DaemonConfig& config) {
    if (auto made = make_folders(config); !made) return fail(made.error());
    const auto token = make_token(token_of(config));
    if (!token) return fail(token.error());
    log_line("info", "this token counts from now on, and no other; it is kept nowhere");
    std::puts(token->c_str());
    return 0;
}

/// Before anything else is started: see CleanWorkshop::try_sandbox.
asio::awaitable<void> tell_of_sandbox(CleanWorkshop& workshop) {
    const Finding finding = co_await workshop.try_sandbox();
    log_line(finding.good ? "info" : "warning", "sandbox of builds: " + finding.what);
}

HttpOptions http_options(const DaemonConfig& config) {
    HttpOptions options;
    options.unix_socket = config.socket;
    // "127.0.0.1:PORT", checked when the configuration was read; empty: no page.
    if (const std::size_t colon = config.listen.rfind(':'); colon != std::string::npos)
        options.tcp_port = static_cast<std::uint16_t>(std::stoul(config.listen.substr(colon + 1)));
    options.token_file = token_of(config);
    options.commit_url = config.commit_url;
    return options;
}

build::WorkshopOptions workshop_options(const DaemonConfig& config) {
    build::WorkshopOptions options;
    options.builds_folder = config.builds_folder;
    options.jobs = config.jobs;
    options.ccache_size = config.ccache_size;
    options.confinement = config.builds;
    const auto folder_of = [](const std::string& file) {
        return std::filesystem::path(file).parent_path().string();
    };
    options.hidden = {config.boards_folder, folder_of(config.socket), folder_of(config.file)};
    options.storage = config.storage;
    return options;
}

std::string journal_of(const DaemonConfig& config) {
    return config.data_folder + "/journal.sqlite";
}

int back_up(const DaemonConfig& config, const std::string& target) {
    if (auto done = back_up_journal(journal_of(config), target); !done) return fail(done.error());
    log_line("info", "the journal was copied to " + target);
    return 0;
}

int check(const DaemonConfig& config) {
    auto checked = check_journal(journal_of(config));
    if (!checked) return fail(checked.error());
    for (const std::string& fault : checked->faults) log_line("error", fault);
    log_line("info", std::to_string(checked->events) + " events of " +
                         std::to_string(checked->bisections) + " bisections were read, " +
                         std::to_string(checked->faults.size()) + " faults");
    if (checked->faults.empty()) return 0;
    log_line("info",
             "stop the daemon, move the damaged file, its -wal and its -shm away, and put the "
             "last backup in its place; without one, `sqlite3 journal.sqlite .recover` saves what "
             "can be read");
    return 1;
}

int serve(const DaemonConfig& config) {
    allow_descriptors();
    if (auto made = make_folders(config); !made) return fail(made.error());
    const std::string& data = config.data_folder;
    auto journal = SqliteJournal::open(journal_of(config));
    if (!journal) return fail(journal.error());
    auto agent = place_agent(data + "/agent");
    if (!agent) return fail(agent.error());
    if (auto hidden = hide_clear_token(data + "/token", token_of(config)); !hidden)
        return fail(hidden.error());
    if (auto token = token_digest(token_of(config)); !token) return fail(token.error());

    asio::io_context context(1);
    asio::thread_pool pool(pool_threads);
    SystemClock clock(context.get_executor());
    GitRepository repository(pool, data + "/mirrors");
    CleanWorkshop workshop(data, workshop_options(config));
    AnyShells shells;
    ConfiguredDrivers drivers(context.get_executor(), data);
    TomlCatalogue catalogue(config.recipe_folders, config.boards_folder, data + "/local");
    asio::co_spawn(context, tell_of_sandbox(workshop), asio::detached);
    Gate builder(context.get_executor());
    SpaceWatch space(clock, workshop, builder);
    FileLogs logs(pool);
    LogKeeper log_keeper(clock, logs, workshop, config.storage);
    ConfiguredHerald herald(config.notify, data + "/notices");
    Lab lab{.clock = clock,
            .journal = **journal,
            .repository = repository,
            .workshop = workshop,
            .logs = logs,
            .shells = shells,
            .drivers = drivers,
            .catalogue = catalogue,
            .builder = builder,
            .pool = &pool,
            .agent_file = data + "/agent/" + *agent,
            .agent_name = *agent,
            .scratch_folder = data + "/scratch",
            .herald = &herald,
            .log_keeper = &log_keeper,
            .space = &space,
            .version = BISECTD_VERSION};
    Supervisor supervisor(lab, context.get_executor(), log_line);
    HttpServer server(context.get_executor(), supervisor, http_options(config));

    const auto story = supervisor.listen([](const EventRecord& record) {
        log_line("info", "bisection " + std::to_string(record.bisection) + ": " +
                             std::string(kind(record.event)) + " " + record.body);
    });
    if (auto listening = server.listen(); !listening) return fail(listening.error());
    if (auto going = supervisor.go_on(); !going) return fail(going.error());
    asio::co_spawn(context, server.run(), asio::detached);
    asio::signal_set signals(context, SIGTERM, SIGINT);
    int exit_code = 0;
    // What it cannot write down it must not do. Whoever starts it anew reads what is true.
    (*journal)->on_broken([&signals, &exit_code](const Error& error) {
        exit_code = fail(error);
        signals.cancel();
    });
    asio::co_spawn(context, wait_for_end(context, signals, exit_code, supervisor, server),
                   asio::detached);
    log_line("info", "ready; socket " + config.socket + ", page http://127.0.0.1:" +
                         std::to_string(server.tcp_port()) + "/, data " + data);
    tell_service_manager_ready("ready");
    context.run();
    pool.join();
    return exit_code;
}

}  // namespace
}  // namespace bisectd

// What nobody expects ends the process where it is thrown, with a core to look at. The service
// manager starts it again, and the journal has what it needs to go on.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
    CLI::App app{"bisectd finds the commit that broke a kernel, on real boards"};
    std::string config_file = "/etc/bisectd/bisectd.toml";
    app.add_option("--config", config_file, "configuration file")->capture_default_str();
    std::string backup;
    bool check = false, new_token = false;
    app.add_option("--backup", backup, "write a copy of the journal to this file, and end");
    app.add_flag("--check", check, "read the whole journal, say what is damaged, and end");
    app.add_flag("--new-token", new_token,
                 "make the token for changes over HTTP anew, print it, and end");
    app.set_version_flag("--version", BISECTD_VERSION);
    CLI11_PARSE(app, argc, argv);

    std::signal(SIGPIPE, SIG_IGN);
    auto config = bisectd::read_daemon_config(config_file);
    bisectd::set_up_log(config ? config->log_level : "info");
    if (!config) return bisectd::fail(config.error());
    if (!backup.empty()) return bisectd::back_up(*config, backup);
    if (check) return bisectd::check(*config);
    if (new_token) return bisectd::give_token(*config);
    return bisectd::serve(*config);
}
