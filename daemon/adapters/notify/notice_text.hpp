#pragma once
#include <map>
#include <string>

#include "core/notice.hpp"
#include "core/notify_spec.hpp"

namespace bisectd::notify {

/// "bisection 3, brk: found 1a2b3c4d5e6f ("subject")". One printable line.
std::string headline(const Notice& notice);

/// The facts as environment variables BISECTD_*; printable, each at most 4 KiB.
std::map<std::string, std::string> facts_as_variables(const Notice& notice);

/// The facts as one JSON object in one line; "text" is the headline, as chat servers want it.
std::string facts_as_json(const Notice& notice);

/// A whole mail. Nothing from outside is a header but the subject, which is one line of ASCII.
std::string mail_of(const Notice& notice, const NotifySpec& spec);

}  // namespace bisectd::notify
