#include "adapters/notify/configured_herald.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "adapters/notify/notice_file.hpp"
#include "adapters/notify/notice_text.hpp"
#include "adapters/process/process.hpp"
#include "adapters/process/quietly.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd {
namespace {

using notify::NoticeFile;

/// Beyond the deadline: TERM, then KILL, then the cleaning. Source: ProcessSpec::deadline.
constexpr std::chrono::seconds ending_time{20};
constexpr std::size_t most_output_bytes = 1000;
constexpr std::size_t longest_address_bytes = 2000;

ProcessSpec program(std::vector<std::string> arguments, const NoticeFile& input,
                    std::chrono::seconds deadline) {
    ProcessSpec spec;
    spec.arguments = std::move(arguments);
    spec.keep_environment = false;
    spec.input_file = input.path();
    spec.folder = "/";
    spec.deadline = deadline;
    return spec;
}

/// How it ended, without a word of what it printed.
Result<void> verdict_on(const std::string& what, const ProcessEnd& end,
                        std::chrono::seconds deadline) {
    if (end.ok()) return {};
    if (end.timed_out)
        return infrastructure(what, fmt::format("not done in {} s, stopped", deadline.count()));
    if (end.signal != 0) return infrastructure(what, fmt::format("ended by signal {}", end.signal));
    return infrastructure(what, fmt::format("failed with exit {}", end.exit));
}

std::string curl_fault(int exit, const std::string& status) {
    switch (exit) {
        case 5:
        case 6:
            return "its host is not known";
        case 7:
            return "its host does not take connections";
        case 22:
            return "it answered " + status;
        case 28:
            return "no answer in time";
        case 35:
        case 60:
            return "its certificate or encryption is not accepted";
        case 77:
            return "the file of webhook_ca holds no certificates that can be read";
        default:
            return fmt::format("curl failed with exit {}", exit);
    }
}

bool is_address(std::string_view text) {
    const bool plain = std::ranges::all_of(
        text, [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
    return plain && text.size() <= longest_address_bytes &&
           (text.starts_with("https://") || text.starts_with("http://"));
}

}  // namespace

ConfiguredHerald::ConfiguredHerald(NotifySpec spec, std::string folder)
    : spec_(std::move(spec)), folder_(std::move(folder)) {}

std::vector<std::string> ConfiguredHerald::ways(NoticeKind kind) const {
    std::vector<std::string> ways;
    if (std::ranges::find(spec_.on, kind) == spec_.on.end()) return ways;
    if (!spec_.command.empty()) ways.emplace_back("command");
    if (!spec_.mail_to.empty()) ways.emplace_back("mail");
    if (!spec_.webhook.empty() || !spec_.webhook_file.empty()) ways.emplace_back("webhook");
    return ways;
}

std::chrono::milliseconds ConfiguredHerald::limit() const {
    return spec_.deadline + ending_time;
}

Task<Result<void>> ConfiguredHerald::tell(std::string way, Notice notice) {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);  // a failure shows at the first file
    std::string name = fmt::format("{}-{}-{}", notice.bisection, notice.about, way);
    if (way == "command") co_return co_await by_command(std::move(notice), std::move(name));
    if (way == "mail") co_return co_await by_mail(std::move(notice), std::move(name));
    if (way == "webhook") co_return co_await by_webhook(std::move(notice), std::move(name));
    co_return infrastructure("notice", "there is no way '" + way + "'");
}

Task<Result<void>> ConfiguredHerald::by_command(Notice notice, std::string name) {
    auto facts = NoticeFile::write(folder_, name, notify::facts_as_json(notice));
    if (!facts) co_return std::unexpected(facts.error());
    ProcessSpec spec = program(spec_.command, *facts, spec_.deadline);
    spec.keep_environment = true;
    spec.environment = notify::facts_as_variables(notice);
    auto end = co_await run_process(std::move(spec), {});
    if (!end) co_return std::unexpected(end.error());
    co_return verdict_on("the command", *end, spec_.deadline);
}

Task<Result<void>> ConfiguredHerald::by_mail(Notice notice, std::string name) {
    auto mail = NoticeFile::write(folder_, name, notify::mail_of(notice, spec_));
    if (!mail) co_return std::unexpected(mail.error());
    // -t: the recipients are those of the headers, which come from the configuration alone.
    std::vector<std::string> arguments{spec_.sendmail, "-i", "-t"};
    if (!spec_.mail_from.empty()) arguments.insert(arguments.end(), {"-f", spec_.mail_from});
    ProcessSpec spec = program(std::move(arguments), *mail, spec_.deadline);
    auto end = co_await run_process(std::move(spec), {});
    if (!end) co_return std::unexpected(end.error());
    co_return verdict_on("sendmail", *end, spec_.deadline);
}

Task<Result<void>> ConfiguredHerald::by_webhook(Notice notice, std::string name) {
    const Result<std::string> address = webhook_address();
    if (!address) co_return std::unexpected(address.error());
    auto facts = NoticeFile::write(folder_, name, notify::facts_as_json(notice));
    if (!facts) co_return std::unexpected(facts.error());
    // The address is given in a file: command lines can be read by everybody on the machine.
    auto secret =
        NoticeFile::write(folder_, name + ".curl",
                          fmt::format("url = \"{}\"\nheader = \"Content-Type: application/json\"\n"
                                      "data-binary = \"@-\"\n",
                                      *address));
    if (!secret) co_return std::unexpected(secret.error());
    std::vector<std::string> arguments{"curl",     "-q",        "--config",    secret->path(),
                                       "--silent", "--fail",    "--proto",     "=http,https",
                                       "--output", "/dev/null", "--write-out", "%{http_code}"};
    if (!spec_.webhook_ca.empty())
        arguments.insert(arguments.end(), {"--cacert", spec_.webhook_ca});
    ProcessSpec spec = program(std::move(arguments), *facts, spec_.deadline);
    auto captured = co_await capture(std::move(spec), most_output_bytes);
    if (!captured) co_return std::unexpected(captured.error());
    const ProcessEnd& end = captured->end;
    if (end.exit > 0 && end.signal == 0 && !end.timed_out)
        co_return infrastructure("the webhook", curl_fault(end.exit, captured->output));
    auto ended = verdict_on("the webhook", end, spec_.deadline);
    // A redirection is no failure for curl, but nobody was told.
    if (ended && !captured->output.starts_with('2'))
        co_return infrastructure("the webhook", "it answered " + captured->output);
    co_return ended;
}

Result<std::string> ConfiguredHerald::webhook_address() const {
    if (spec_.webhook_file.empty()) return spec_.webhook;
    const process::Descriptor file{
        ::open(spec_.webhook_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat info{};
    std::string address(longest_address_bytes + 1, '\0');
    const ssize_t got = file ? ::read(file.get(), address.data(), address.size()) : -1;
    if (got <= 0 || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return infrastructure("the webhook", spec_.webhook_file + " cannot be read");
    if ((info.st_mode & S_IRWXO) != 0)
        return infrastructure("the webhook", spec_.webhook_file +
                                                 " can be read by every user of this machine: "
                                                 "chmod 600 it");
    address.resize(static_cast<std::size_t>(got));
    address.resize(std::min(address.find('\n'), address.size()));
    while (!address.empty() && (address.back() == '\r' || address.back() == ' '))
        address.pop_back();
    if (!is_address(address))
        return infrastructure("the webhook",
                              spec_.webhook_file + " holds no http or https address");
    return address;
}

}  // namespace bisectd
