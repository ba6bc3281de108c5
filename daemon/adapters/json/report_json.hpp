#pragma once
#include <boost/json/object.hpp>

#include "core/report/report_mail.hpp"

namespace bisectd {

/// A report as the API tells it: "to", "cc" and "notes" as lists of texts, "subject", and "text",
/// which is the whole mail.
boost::json::object report_json(const ReportMail& mail);

}  // namespace bisectd
