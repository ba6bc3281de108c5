#pragma once
#include <string>

#include "core/report/report_mail.hpp"

namespace bisectd {

/// What the mail says below its headers.
std::string report_body(const ReportFacts& facts);

/// A short name of the regression: the person's title, else the recipe's. One printable line.
std::string report_title(const ReportFacts& facts);

/// First line of the culprit's message, printable and cut.
std::string culprit_subject(const ReportFacts& facts);

}  // namespace bisectd
