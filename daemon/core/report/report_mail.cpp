#include "core/report/report_mail.hpp"

#include "core/report/recipients.hpp"
#include "core/report/report_body.hpp"

namespace bisectd {
namespace {

bool has_symptom(const Recipe& recipe, const std::string& name) {
    for (const Symptom& symptom : recipe.symptoms)
        if (symptom.name == name) return true;
    return false;
}

std::string header(const std::string& name, const std::vector<Mailbox>& mailboxes) {
    std::string text;
    for (const Mailbox& mailbox : mailboxes)
        text += (text.empty() ? name + ": " : ",\n ") + header_text(mailbox);
    return text.empty() ? text : text + "\n";
}

std::string mail_subject(const ReportFacts& facts) {
    std::string text = "[REGRESSION] " + report_title(facts);
    if (facts.result.ending == Ending::culprit)
        text += ", bisected to " + facts.result.commits.front().brief() + " (\"" +
                culprit_subject(facts) + "\")";
    return text;
}

}  // namespace

Result<ReportedResult> reported_result(const BisectionState& state, const Recipe& recipe,
                                       const std::string& symptom) {
    const std::string where = "bisection " + std::to_string(state.id);
    if (!symptom.empty() && !has_symptom(recipe, symptom))
        return wrong_request(where, "recipe " + recipe.name + " has no symptom '" + symptom + "'");
    for (const Ending wanted : {Ending::culprit, Ending::inconclusive})
        for (const Symptom& one : recipe.symptoms) {
            const auto found = state.conclusions.find(one.name);
            if (found == state.conclusions.end() || found->second.ending != wanted) continue;
            if (!symptom.empty() && symptom != one.name) continue;
            const SymptomEnded& end = found->second;
            if (end.commits.empty()) continue;
            return ReportedResult{one.name, end.ending, end.commits, end.confidence, end.cause};
        }
    if (!state.ended)
        return wrong_request(where,
                             "it has not ended, so there is nothing to report yet; "
                             "\"bisectctl status\" says how far it is");
    return wrong_request(where, "it ended without anything to report to a maintainer: " +
                                    std::string(word(state.ended->ending)) +
                                    "; \"bisectctl show\" says why");
}

ReportMail report_mail(const ReportFacts& facts) {
    ReportMail mail;
    Recipients recipients = recipients_of(facts);
    mail.to = std::move(recipients.to);
    mail.cc = std::move(recipients.cc);
    mail.notes = std::move(recipients.notes);
    mail.subject = mail_subject(facts);
    mail.text = header("To", mail.to) + header("Cc", mail.cc) +
                "Subject: " + header_words(mail.subject) +
                "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
                "Content-Transfer-Encoding: 8bit\n\n" +
                report_body(facts);
    return mail;
}

}  // namespace bisectd
