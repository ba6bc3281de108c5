#include "adapters/build/build_run.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "adapters/build/file_access.hpp"
#include "adapters/digest/sha256.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

/// With less than this a failure is the disk's, whatever the tool said.
constexpr std::uint64_t full_bytes = 32ULL << 20;
constexpr std::uint64_t full_inodes = 100;

bool disk_is_full(const std::string& folder) {
    struct statvfs info{};
    if (statvfs(folder.c_str(), &info) != 0) return false;
    const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
    return free < full_bytes || (info.f_files > 0 && info.f_favail < full_inodes);
}

std::string shown(const std::vector<std::string>& command) {
    std::string text;
    for (const std::string& word : command) {
        const bool plain = !word.empty() && word.find_first_of(" '\"$\\;|&\n") == word.npos;
        text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
    }
    return text;
}

}  // namespace

BuildRun::BuildRun(const Place& place, Sandbox& sandbox, const BuildOrder& order,
                   const PreparedTree& tree, ProgressSink progress)
    : place_(place), sandbox_(sandbox), order_(order), tree_(tree), progress_(std::move(progress)) {
    environment = {
        {"TZ", "UTC"},
        {"KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 1970"},
        {"KBUILD_BUILD_USER", "bisectd"},
        {"KBUILD_BUILD_HOST", "bisectd"},
        {"KBUILD_BUILD_VERSION", "1"},
        {"SOURCE_DATE_EPOCH", "0"},
        {"GIT_CEILING_DIRECTORIES", place.builds()},
    };
    if (place.options.ccache) {
        environment["CCACHE_DIR"] = place.ccache();
        environment["CCACHE_CONFIGPATH"] = "/dev/null";
        environment["CCACHE_BASEDIR"] = place.builder();
        environment["CCACHE_NOHASHDIR"] = "1";
        environment["CCACHE_COMPILERCHECK"] = "content";
        environment["CCACHE_MAXSIZE"] = place.options.ccache_size;
        // Every checkout is new, so every header is "too new"; its content is compared.
        environment["CCACHE_SLOPPINESS"] = "include_file_mtime,include_file_ctime";
        environment["CCACHE_STATSLOG"] = place.scratch() + "/ccache.stats";
    }
    for (const auto& [name, value] : order.spec.environment) environment[name] = value;
    if (auto text = read_file(count_file(), 100))
        std::from_chars(text->data(), text->data() + text->size(), total_);
}

std::string BuildRun::count_file() const {
    Sha256 digest;
    digest.add_part("arch", order_.spec.arch);
    digest.add_part("base", order_.spec.base_config);
    digest.add_part("command", order_.spec.command);
    for (const std::string& target : order_.spec.targets) digest.add_part("target", target);
    return place_.counts() + "/" + digest.hex();
}

void BuildRun::note(const std::string& sentence) const {
    std::ofstream log(order_.log, std::ios::app);
    log << "== bisectd: " << sentence << "\n";
}

void BuildRun::learn_total() const {
    std::error_code failed;
    fs::create_directories(place_.counts(), failed);
    std::ofstream(count_file()) << steps_ << "\n";
}

unsigned BuildRun::jobs() const {
    if (order_.spec.jobs > 0) return order_.spec.jobs;
    if (place_.options.jobs > 0) return place_.options.jobs;
    if (sandbox_.limits().processors() > 0) return sandbox_.limits().processors();
    // Those that we may run on, as nproc(1) counts them: a service may be held to a few.
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return static_cast<unsigned>(CPU_COUNT(&set));
    return std::max(1U, std::thread::hardware_concurrency());
}

View BuildRun::view() const {
    View view;
    view.writable = {tree_.source, tree_.output, place_.scratch()};
    if (place_.options.ccache) view.writable.push_back(place_.ccache());
    if (!order_.recipe_folder.empty()) view.readable.push_back(order_.recipe_folder);
    view.scratch = place_.scratch();
    view.network = order_.spec.network;
    return view;
}

double BuildRun::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

std::string BuildRun::cache_sentence() const {
    auto text = read_file(place_.scratch() + "/ccache.stats", 64 << 20);
    if (!text) return {};
    std::uint64_t hits = 0, misses = 0;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        hits += line == "direct_cache_hit" || line == "preprocessed_cache_hit";
        misses += line == "cache_miss";
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return fmt::format("{} of {} compilations came from the compiler cache", hits, hits + misses);
}

Result<StepResult> BuildRun::judge(const std::string& name, const Confined& command,
                                   const ProcessEnd& end, const BuildLog& log) const {
    const std::string where = "build, " + name;
    if (end.ok()) return StepResult{};
    if (auto fault = sandbox_.fault(command, end, log)) return infrastructure(where, *fault);
    if (end.timed_out)
        return infrastructure(where, fmt::format("did not end within {} s, the recipe's deadline",
                                                 order_.spec.deadline.count()));
    if (end.signal != 0)
        return infrastructure(where, fmt::format("was ended by signal {}", end.signal));
    for (const std::string& folder : {place_.output(), place_.data})
        if (disk_is_full(folder))
            return infrastructure(where, "the disk of " + folder + " is full");
    return StepResult{BuildRefusal{log.excerpt()}};
}

Task<Result<StepResult>> BuildRun::step(std::vector<std::string> command) {
    const std::string name = command.front();
    note(shown(command));
    const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started_);
    ProcessSpec spec;
    spec.arguments = std::move(command);
    spec.folder = tree_.output;
    spec.environment = environment;
    spec.keep_environment = false;
    spec.output_file = order_.log;
    spec.deadline = std::max(std::chrono::milliseconds{0}, order_.spec.deadline - used);
    spec.low_priority = place_.options.low_priority;
    spec.inherited_fd = place_.lock;

    BuildLog::StepSink each = [this](std::uint64_t, std::string_view file) {
        ++steps_;
        if (progress_)
            progress_(Progress{"build", steps_, std::max(steps_, total_), std::string(file)});
    };
    BuildLog log(each);
    OutputSink sink = [&log](std::string_view piece) { log.take(piece); };
    auto confined = co_await sandbox_.confine(std::move(spec), view());
    if (!confined) co_return std::unexpected(confined.error());
    auto end = co_await run_process(confined->process, std::move(sink));
    log.finish();
    if (!end) co_return std::unexpected(end.error());
    co_return judge(name, *confined, *end, log);
}

Result<std::optional<std::string>> file_below(const std::string& folder, const std::string& name) {
    const fs::path relative(name);
    const bool climbs = std::ranges::find(relative, fs::path("..")) != relative.end();
    if (name.empty() || relative.is_absolute() || climbs)
        return wrong_request("recipe, build", fmt::format("'{}' must be a path inside the output "
                                                          "folder, without '..'",
                                                          name));
    std::error_code failed;
    const fs::path base = fs::canonical(folder, failed);
    const fs::path file = fs::canonical(base / relative, failed);
    if (failed || !fs::is_regular_file(file, failed)) return std::optional<std::string>{};
    if (!file.string().starts_with(base.string() + "/"))
        return wrong_request("recipe, build", fmt::format("'{}' leads out of the output folder, "
                                                          "to {}",
                                                          name, file.string()));
    return std::optional<std::string>{file.string()};
}

}  // namespace bisectd::build
