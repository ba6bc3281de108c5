#include "adapters/git/git_program.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "adapters/git/handle.hpp"

namespace bisectd::git {

Result<void> GitProgram::write_config() const {
    // A clone is opened by git's own upload-pack too, which reads this file; the clone's own
    // configuration cannot name a program that upload-pack would run.
    const std::string temporary = config_file_ + ".new";
    std::ofstream file(temporary, std::ios::trunc);
    file << "# Written by bisectd at each start. All git programs it runs read this file.\n"
            "[safe]\n\tdirectory = *\n"
            "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\tattributesFile = /dev/null\n"
            "[protocol]\n\tallow = never\n\tversion = 2\n"
            "[protocol \"file\"]\n\tallow = always\n"
            "[gc]\n\tauto = 0\n"
            "[maintenance]\n\tauto = false\n"
            "[fetch]\n\twriteCommitGraph = false\n\trecurseSubmodules = false\n"
            "[submodule]\n\trecurse = false\n"
            "[log]\n\tshowSignature = false\n"
            "[init]\n\ttemplateDir =\n";
    file.close();
    std::error_code failure;
    if (file.good()) std::filesystem::rename(temporary, config_file_, failure);
    if (!file.good() || failure)
        return infrastructure("file " + shown(config_file_),
                              "cannot be written: check the folder's owner and the free space");
    return {};
}

ProcessSpec GitProgram::command(const std::string& folder, std::vector<std::string> arguments,
                                std::chrono::milliseconds deadline) const {
    ProcessSpec spec;
    spec.arguments = {"git", "-C", folder};
    spec.arguments.insert(spec.arguments.end(), arguments.begin(), arguments.end());
    spec.keep_environment = false;
    spec.environment = {
        {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_CONFIG_GLOBAL", config_file_},
        {"GIT_ATTR_NOSYSTEM", "1"},
        {"GIT_TERMINAL_PROMPT", "0"},
        {"GIT_NO_LAZY_FETCH", "1"},
        {"GIT_ALLOW_PROTOCOL", "file"},
        {"GIT_OPTIONAL_LOCKS", "0"},
        {"GIT_ASKPASS", "/bin/false"},
        {"GIT_PAGER", "cat"},
        {"LC_ALL", "C"},
        {"GIT_SSH_COMMAND", "/bin/false"},
    };
    spec.deadline = deadline;
    return spec;
}

Task<Result<Captured>> GitProgram::run(ProcessSpec spec, std::size_t limit_bytes) const {
    const std::string where = "git " + (spec.arguments.size() > 3 ? spec.arguments[3] : "");
    const auto deadline = std::chrono::duration_cast<std::chrono::seconds>(spec.deadline);
    Result<Captured> captured = co_await capture(std::move(spec), limit_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    if (captured->end.timed_out)
        co_return infrastructure(
            where,
            fmt::format("not done in {} s, stopped; is the disk slow or full?", deadline.count()));
    if (captured->output.size() >= limit_bytes)
        co_return infrastructure(where, fmt::format("printed more than {} bytes", limit_bytes));
    co_return std::move(*captured);
}

Task<Result<std::string>> GitProgram::output(ProcessSpec spec, std::size_t limit_bytes) const {
    const std::string where = "git " + (spec.arguments.size() > 3 ? spec.arguments[3] : "");
    Result<Captured> captured = co_await run(std::move(spec), limit_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    if (!captured->end.ok()) co_return infrastructure(where, last_words(*captured));
    co_return std::move(captured->output);
}

std::string last_words(const Captured& captured) {
    constexpr std::size_t longest = 190;
    std::string text = captured.errors;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    if (text.size() > longest) text = "..." + text.substr(text.size() - longest);
    for (char& c : text)
        if (c == '\n') c = ' ';
    if (text.empty())
        text = captured.end.signal != 0 ? fmt::format("ended by signal {}", captured.end.signal)
                                        : fmt::format("failed with exit {}", captured.end.exit);
    return shown(text);
}

}  // namespace bisectd::git
