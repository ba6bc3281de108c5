#include "adapters/config/notify_section.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "adapters/config/checks.hpp"
#include "adapters/config/words.hpp"
#include "core/report/mailbox.hpp"

namespace bisectd::config {
namespace {

constexpr std::chrono::seconds longest_deadline{600};
constexpr std::size_t longest_address_bytes = 2000;

std::vector<NoticeKind> read_kinds(const Section& notify) {
    std::vector<NoticeKind> kinds;
    for (const std::string& text : notify.texts("on")) {
        const auto kind = from_word<NoticeKind>(text);
        if (!kind)
            notify.refuse("on", fmt::format("'on' lists \"found\", \"needs-a-person\" and "
                                            "\"failed\": '{}' is none of them",
                                            shown(text)));
        else if (std::ranges::find(kinds, *kind) == kinds.end())
            kinds.push_back(*kind);
    }
    return kinds;
}

void check_mail_address(const Section& notify, std::string_view key, const std::string& address) {
    const auto mailbox = read_mailbox(address);
    if (!mailbox || mailbox->address != address)
        notify.refuse(key, fmt::format("'{}' should be an address such as \"kim@example.org\", "
                                       "without a name: '{}'",
                                       key, shown(address)));
}

void check_program(const Section& notify, std::string_view key, const std::string& path) {
    if (!path.starts_with('/'))
        notify.refuse(key, fmt::format("'{}' should begin with the absolute path of a program: "
                                       "'{}'",
                                       key, shown(path)));
}

/// An address in this file is a secret that every user of the machine can read.
void check_mode(const Section& notify, const std::string& file) {
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0 || (info.st_mode & S_IRWXO) == 0) return;
    notify.refuse("webhook",
                  "every user of this machine can read this file, and 'webhook' is often "
                  "a secret: chmod o-rwx it, or give 'webhook_file'");
}

/// The value is often a secret: it is not shown.
void check_webhook(const Section& notify, const std::string& address) {
    const bool plain = std::ranges::all_of(
        address, [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
    if (!plain || address.size() > longest_address_bytes ||
        !(address.starts_with("https://") || address.starts_with("http://")))
        notify.refuse("webhook",
                      "'webhook' should be an address that begins with https:// or "
                      "http://, without blanks and quotes");
}

}  // namespace

NotifySpec read_notify(const Section& top, const std::string& file) {
    const std::string folder = folder_of(file);
    NotifySpec spec;
    const Section notify =
        top.section("notify", {"on", "command", "mail_to", "mail_from", "sendmail", "webhook",
                               "webhook_file", "webhook_ca", "deadline"});
    if (notify.has("on")) spec.on = read_kinds(notify);
    spec.command = notify.texts("command");
    if (!spec.command.empty()) check_program(notify, "command", spec.command.front());
    spec.mail_to = notify.texts("mail_to");
    for (const std::string& address : spec.mail_to) check_mail_address(notify, "mail_to", address);
    spec.mail_from = notify.text("mail_from");
    if (!spec.mail_from.empty()) check_mail_address(notify, "mail_from", spec.mail_from);
    spec.sendmail = notify.text("sendmail", spec.sendmail);
    check_program(notify, "sendmail", spec.sendmail);
    spec.webhook = notify.text("webhook");
    if (!spec.webhook.empty()) check_webhook(notify, spec.webhook);
    if (!spec.webhook.empty()) check_mode(notify, file);
    spec.webhook_file = notify.text("webhook_file");
    if (!spec.webhook_file.empty()) spec.webhook_file = path_from(folder, spec.webhook_file);
    if (!spec.webhook.empty() && !spec.webhook_file.empty())
        notify.refuse("webhook_file", "give 'webhook' or 'webhook_file', not both");
    spec.webhook_ca = notify.text("webhook_ca");
    if (!spec.webhook_ca.empty()) spec.webhook_ca = path_from(folder, spec.webhook_ca);
    spec.deadline = notify.duration("deadline", spec.deadline, std::chrono::seconds(1));
    if (spec.deadline > longest_deadline) notify.refuse("deadline", "'deadline' is at most 10m");
    return spec;
}

}  // namespace bisectd::config
