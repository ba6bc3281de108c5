#include "adapters/build/sandbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "adapters/build/file_access.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

/// Where programs and libraries are. Source: the file hierarchy standard, Nix and Guix.
constexpr std::string_view system_folders[] = {"/usr",       "/bin",      "/sbin",   "/lib",
                                               "/lib32",     "/lib64",    "/libx32", "/opt",
                                               "/nix/store", "/gnu/store"};
/// What programs need of /etc. Everything else there may be a secret.
constexpr std::string_view system_settings[] = {
    "alternatives",    "ld.so.cache", "ld.so.conf",    "ld.so.conf.d",
    "localtime",       "timezone",    "ssl/certs",     "ssl/openssl.cnf",
    "ca-certificates", "pki",         "os-release",    "debian_version",
    "mime.types",      "magic",       "nsswitch.conf", "services",
    "protocols",       "python3",     "perl",          "java"};
constexpr std::string_view network_settings[] = {"resolv.conf", "hosts", "gai.conf", "host.conf"};
/// Parts of /proc that the machine's root may write to, whatever its capabilities; an unprivileged
/// user may not anyway. Source: what container run times show read-only or not at all.
constexpr std::string_view kernel_settings[] = {"sys",  "sysrq-trigger", "fs",  "driver",
                                                "scsi", "acpi",          "mtrr"};
/// Who a command is inside, whoever the daemon is: some tools refuse to work as root, others then
/// try what only root can.
constexpr const char* user_number = "1000";
constexpr const char* home = "/tmp/home";
/// Unit: bytes. For semaphores and the like; files belong in /tmp.
constexpr const char* shared_memory = "268435456";
constexpr std::chrono::seconds trial_limit{30};

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

void add(std::vector<std::string>& arguments, std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
}

void add_system(std::vector<std::string>& arguments, bool network) {
    for (const std::string_view name : system_folders) {
        std::error_code failed;
        const fs::path folder(name);
        if (fs::is_symlink(folder, failed))
            add(arguments, {"--symlink", fs::read_symlink(folder, failed), std::string(name)});
        else if (fs::exists(folder, failed))
            add(arguments, {"--ro-bind", std::string(name), std::string(name)});
    }
    const auto add_setting = [&arguments](std::string_view name) {
        std::error_code failed;
        const std::string place = "/etc/" + std::string(name);
        const fs::path real = fs::canonical(place, failed);
        if (!failed) add(arguments, {"--ro-bind", real, place});
    };
    for (const std::string_view name : system_settings) add_setting(name);
    if (!network) return;
    for (const std::string_view name : network_settings) add_setting(name);
}

void add_kernel(std::vector<std::string>& arguments) {
    add(arguments, {"--proc", "/proc"});
    for (const std::string_view name : kernel_settings) {
        const std::string place = "/proc/" + std::string(name);
        add(arguments, {"--ro-bind-try", place, place});
    }
    add(arguments, {"--dev", "/dev", "--size", shared_memory, "--tmpfs", "/dev/shm"});
}

std::string last_words(const std::string& text) {
    std::string kept = text.substr(text.size() - std::min<std::size_t>(text.size(), 500));
    while (!kept.empty() && kept.back() == '\n') kept.pop_back();
    return kept;
}

}  // namespace

Sandbox::Sandbox(ConfinementSpec spec, std::string folder, std::vector<std::string> hidden)
    : spec_(std::move(spec)),
      folder_(std::move(folder)),
      hidden_(std::move(hidden)),
      limits_(spec_) {
    // A folder comes before what is below it: what hides the one must not uncover the other.
    std::ranges::sort(hidden_);
}

bool Sandbox::has_network(bool asked) const {
    return spec_.network == NetworkUse::always || (asked && spec_.network != NetworkUse::never);
}

std::vector<std::string> Sandbox::shown() const {
    std::vector<std::string> folders(std::begin(system_folders), std::end(system_folders));
    folders.insert(folders.end(), spec_.readable.begin(), spec_.readable.end());
    return folders;
}

std::set<std::string> Sandbox::places_inside(const std::string& folder) const {
    std::set<std::string> places;
    for (const std::string& above : shown()) {
        std::error_code failed;
        const std::string real = fs::canonical(above, failed);
        if (is_below(folder, above))
            places.insert(folder);
        else if (!failed && is_below(folder, real))
            places.insert(above + folder.substr(real.size()));
    }
    return places;
}

std::vector<std::string> Sandbox::arguments(const View& view, bool nesting) const {
    const bool network = has_network(view.network);
    std::vector<std::string> all{"bwrap",         "--unshare-user", "--unshare-pid",
                                 "--unshare-ipc", "--unshare-uts",  "--unshare-cgroup-try"};
    if (!network) all.emplace_back("--unshare-net");
    if (!nesting) all.emplace_back("--disable-userns");
    add(all, {"--uid", user_number, "--gid", user_number, "--hostname", "bisectd", "--cap-drop",
              "ALL", "--die-with-parent", "--new-session"});
    add_system(all, network);
    add(all, {"--ro-bind", folder_ + "/passwd", "/etc/passwd"});
    add(all, {"--ro-bind", folder_ + "/group", "/etc/group"});
    add_kernel(all);
    if (view.scratch.empty())
        add(all, {"--size", shared_memory, "--tmpfs", "/tmp"});
    else
        add(all, {"--bind", view.scratch, "/tmp"});
    add(all, {"--dir", home, "--dir", "/run", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"});
    for (const std::string& folder : spec_.readable) add(all, {"--ro-bind-try", folder, folder});
    for (const std::string& folder : hidden_) {
        std::error_code failed;
        if (!fs::is_directory(folder, failed)) continue;
        for (const std::string& place : places_inside(folder))
            add(all, {"--size", shared_memory, "--tmpfs", place});
        for (const std::string& named : spec_.readable)
            if (named != folder && is_below(named, folder))
                add(all, {"--ro-bind-try", named, named});
    }
    for (const std::string& folder : view.readable) add(all, {"--ro-bind", folder, folder});
    for (const std::string& folder : view.writable) add(all, {"--bind", folder, folder});
    add(all, {"--remount-ro", "/", "--remount-ro", "/dev"});
    return all;
}

Task<std::string> Sandbox::try_out() {
    const char* path = std::getenv("PATH");
    if (process::find_program("bwrap", path == nullptr ? "" : path).empty())
        co_return "bubblewrap was not found: install it (apt-get install bubblewrap)";
    std::error_code failed;
    fs::create_directories(folder_, failed);
    const std::string user(user_number);
    auto written = write_file(folder_ + "/passwd",
                              "builder:x:" + user + ":" + user + "::" + home + ":/bin/sh\n");
    if (written) written = write_file(folder_ + "/group", "builder:x:" + user + ":\n");
    if (!written) co_return describe(written.error());
    std::string said;
    for (const bool nesting : {false, true}) {
        ProcessSpec trial;
        trial.arguments = arguments(View{}, nesting);
        add(trial.arguments, {"--", "sh", "-c", "exit 0"});
        trial.arguments = limits_.applied_to(std::move(trial.arguments));
        trial.keep_environment = false;
        trial.deadline = trial_limit;
        auto tried = co_await capture(std::move(trial), 1000);
        if (!tried) co_return describe(tried.error());
        if (tried->end.ok()) {
            nesting_ = nesting;
            co_return std::string();
        }
        said = last_words(tried->errors);
    }
    co_return "bubblewrap does not work here: " + said +
        "; user namespaces must be allowed (in a container: started with enough rights for them)";
}

Task<Result<bool>> Sandbox::works() {
    if (spec_.sandbox == SandboxUse::off) co_return false;
    // A failure is tried again: somebody may have mended it meanwhile.
    if (!works_) {
        problem_ = co_await try_out();
        works_ = problem_.empty();
    }
    if (!works_ && spec_.sandbox == SandboxUse::required)
        co_return infrastructure("sandbox", problem_ +
                                                "; 'sandbox' of [builds] in bisectd.toml is "
                                                "\"required\", so nothing is built");
    co_return works_;
}

Task<Finding> Sandbox::examine() {
    const std::string limits = limits_.sentence();
    const std::string more = limits.empty() ? "" : "; " + limits + "; " + limits_.place();
    if (spec_.sandbox == SandboxUse::off)
        co_return Finding{"sandbox", true,
                          "off, as configured: builds may do what the daemon's user may" + more};
    const auto working = co_await works();
    if (working && *working)
        co_return Finding{"sandbox", true,
                          "bubblewrap works: builds see no network and no file but theirs" + more};
    const std::string what = working ? problem_ +
                                           "; without it builds may do what the daemon's "
                                           "user may"
                                     : working.error().what;
    // "auto" asks for one where it can be had: that builds go on without is said, and is no fault.
    co_return Finding{"sandbox", working.has_value(), what + more};
}

Task<Result<std::string>> Sandbox::sentence(bool asks_for_network) {
    const auto working = co_await works();
    if (!working) co_return std::unexpected(working.error());
    std::string text;
    if (!*working)
        text = spec_.sandbox == SandboxUse::off ? "the build runs without a sandbox, as configured"
                                                : "the build runs without a sandbox: " + problem_;
    else if (has_network(asks_for_network))
        text = asks_for_network
                   ? "the build runs in a sandbox, with network: the recipe asks for it"
                   : "the build runs in a sandbox, with network, as configured";
    else
        text = asks_for_network
                   ? "the build runs in a sandbox, without the network that the recipe asks "
                     "for: the configuration says never"
                   : "the build runs in a sandbox, without network";
    const std::string limits = limits_.sentence();
    co_return limits.empty() ? text : text + "; " + limits;
}

Task<Result<Confined>> Sandbox::confine(ProcessSpec command, View view) {
    const auto working = co_await works();
    if (!working) co_return std::unexpected(working.error());
    Confined confined;
    confined.inside = *working;
    confined.kills = limits_.kills();
    // Whatever fails before this line is printed is not the command's fault.
    std::vector<std::string> begun{
        "sh", "-c", fmt::format("echo '{}' >&2; exec \"$@\"", BuildLog::begun_mark), "sh"};
    std::ranges::move(command.arguments, std::back_inserter(begun));
    command.arguments = std::move(begun);
    if (*working) {
        std::vector<std::string> whole = arguments(view, nesting_);
        if (command.inherited_fd >= 0)  // held by bubblewrap itself, out of the command's reach
            add(whole, {"--sync-fd", std::to_string(command.inherited_fd)});
        if (!command.folder.empty()) add(whole, {"--chdir", command.folder});
        whole.emplace_back("--");
        std::ranges::move(command.arguments, std::back_inserter(whole));
        command.arguments = std::move(whole);
        command.environment.emplace("HOME", home);
    }
    command.arguments = limits_.applied_to(std::move(command.arguments));
    confined.process = std::move(command);
    co_return confined;
}

Task<bool> Sandbox::sees(std::string program) {
    const auto working = co_await works();
    if (!working || !*working) co_return true;
    std::error_code failed;
    const std::string real = fs::canonical(program, failed);
    const std::vector<std::string> folders = shown();
    const auto seen = [this, &folders](const std::string& path) {
        const auto holds = [&path](const std::string& folder) { return is_below(path, folder); };
        return std::ranges::any_of(spec_.readable, holds) ||
               (std::ranges::any_of(folders, holds) && !std::ranges::any_of(hidden_, holds));
    };
    co_return !failed && seen(program) && seen(real);
}

std::optional<std::string> Sandbox::fault(const Confined& command, const ProcessEnd& end,
                                          const BuildLog& log) const {
    if (limits_.kills() > command.kills)
        return "the kernel killed it for its memory; " + limits_.memory_advice();
    if (end.timed_out) return std::nullopt;
    if (!end.ok() && !log.begun())
        return (command.inside ? "the sandbox could not be set up: "
                               : "the command could not be begun: ") +
               last_words(log.excerpt());
    // A shell, or bubblewrap's own, tells of a child's signal by its exit status.
    for (const int signal : {SIGKILL, SIGTERM})
        if (end.signal == 0 && end.exit == 128 + signal)
            return fmt::format("was ended by signal {}", signal);
    if (!log.machine_fault().empty()) {
        const std::string advice = limits_.memory_advice();
        const bool memory = log.machine_fault().find("memory") != std::string::npos;
        return "the machine failed: " + log.machine_fault() +
               (memory && !advice.empty() ? "; " + advice : "");
    }
    return std::nullopt;
}

}  // namespace bisectd::build
