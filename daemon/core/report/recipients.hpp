#pragma once
#include <string>
#include <vector>

#include "core/report/report_mail.hpp"

namespace bisectd {

struct Recipients {
    std::vector<Mailbox> to;  ///< the culprit's author and who signed it off
    std::vector<Mailbox> cc;  ///< its other tags, the keepers of its files, lists
    std::vector<std::string> notes;
};

/// Whom the mail should go to. Nobody twice; at most 60, lists first to stay.
Recipients recipients_of(const ReportFacts& facts);

}  // namespace bisectd
