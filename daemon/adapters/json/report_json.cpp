#include "adapters/json/report_json.hpp"

#include "adapters/json/fields.hpp"

namespace bisectd {
namespace {

std::vector<std::string> texts_of_mailboxes(const std::vector<Mailbox>& mailboxes) {
    std::vector<std::string> texts;
    texts.reserve(mailboxes.size());
    for (const Mailbox& mailbox : mailboxes)
        texts.push_back(mailbox.name.empty() ? mailbox.address
                                             : mailbox.name + " <" + mailbox.address + ">");
    return texts;
}

}  // namespace

boost::json::object report_json(const ReportMail& mail) {
    boost::json::object out;
    out["to"] = to_json(texts_of_mailboxes(mail.to));
    out["cc"] = to_json(texts_of_mailboxes(mail.cc));
    out["subject"] = to_json(mail.subject);
    out["notes"] = to_json(mail.notes);
    out["text"] = to_json(mail.text);
    return out;
}

}  // namespace bisectd
