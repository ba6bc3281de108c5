#pragma once
#include <string>

#include "core/report/report_mail.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// Gathers what a report is made of and writes it. Nothing of the tree is run: MAINTAINERS is read
/// as a text. `git_log`: in the format of `git bisect log`.
/// Errors: those of `reported_result`; of the repository.
Task<Result<ReportMail>> write_report(Lab& lab, BisectionState state, std::string symptom,
                                      std::string git_log);

}  // namespace bisectd
