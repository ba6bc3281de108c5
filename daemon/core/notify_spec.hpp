#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "core/event_notice.hpp"

namespace bisectd {

/// Who is told of what, and how. Nothing configured: nobody.
struct NotifySpec {
    std::vector<NoticeKind> on{NoticeKind::found, NoticeKind::needs_person, NoticeKind::failed};
    std::vector<std::string> command;  ///< a program and its arguments; no shell reads it
    std::vector<std::string> mail_to;  ///< addresses
    std::string mail_from;             ///< an address; empty: the mail system's own choice
    std::string sendmail = "/usr/sbin/sendmail";
    std::string webhook;       ///< http or https address; often a secret, never shown
    std::string webhook_file;  ///< a file that holds it, read anew each time
    std::string webhook_ca;    ///< certificates that it is checked by; empty: the system's
    std::chrono::seconds deadline{30};
};

}  // namespace bisectd
