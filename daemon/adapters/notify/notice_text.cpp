#include "adapters/notify/notice_text.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/json/fields.hpp"
#include "adapters/json/text.hpp"
#include "core/report/mailbox.hpp"

namespace bisectd::notify {
namespace {

// The kernel takes 128 KiB for one variable; nobody reads more than this.
constexpr std::size_t longest_fact_bytes = 4096;

std::string shown(const std::string& text) {
    return printable(std::string_view(text).substr(0, longest_fact_bytes));
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
    return shown(out);
}

std::string how_to_look(const Notice& notice) {
    std::string text = fmt::format("  bisectctl show {}\n", notice.bisection);
    if (notice.kind == NoticeKind::found)
        text += fmt::format("  bisectctl report {}     # the mail for the maintainers\n",
                            notice.bisection);
    if (notice.kind == NoticeKind::needs_person && !notice.board.empty())
        text += fmt::format("  bisectctl boards resume {}     # when it was looked after\n",
                            shown(notice.board));
    else if (notice.kind == NoticeKind::needs_person)
        text += fmt::format("  bisectctl resume {}     # when it can go on\n", notice.bisection);
    return text;
}

}  // namespace

std::string headline(const Notice& notice) {
    const std::string whose =
        fmt::format("bisection {}, {}: ", notice.bisection, shown(notice.title));
    switch (notice.kind) {
        case NoticeKind::found:
            return fmt::format("{}found {} (\"{}\")", whose, notice.commit.brief(),
                               shown(notice.subject));
        case NoticeKind::needs_person:
            return notice.board.empty() ? whose + "a person is needed"
                                        : fmt::format("{}a person is needed at board {}", whose,
                                                      shown(notice.board));
        case NoticeKind::failed:
            return whose + "ended without a culprit: " + shown(notice.outcome);
    }
    return whose + "?";
}

std::map<std::string, std::string> facts_as_variables(const Notice& notice) {
    return {{"BISECTD_EVENT", std::string(word(notice.kind))},
            {"BISECTD_BISECTION", std::to_string(notice.bisection)},
            {"BISECTD_TITLE", shown(notice.title)},
            {"BISECTD_REPOSITORY", shown(notice.repository)},
            {"BISECTD_RECIPE", shown(notice.recipe)},
            {"BISECTD_BOARDS", joined(notice.boards)},
            {"BISECTD_BOARD", shown(notice.board)},
            {"BISECTD_OUTCOME", shown(notice.outcome)},
            {"BISECTD_COMMIT", notice.commit.hex()},
            {"BISECTD_SUBJECT", shown(notice.subject)},
            {"BISECTD_CAUSE", shown(notice.text)},
            {"BISECTD_TEXT", headline(notice)}};
}

std::string facts_as_json(const Notice& notice) {
    boost::json::object out;
    out["event"] = word(notice.kind);
    out["text"] = headline(notice);
    out["bisection"] = notice.bisection;
    out["at_ms_utc"] = notice.at_ms_utc;
    out["title"] = to_json(notice.title);
    out["repository"] = to_json(notice.repository);
    out["recipe"] = to_json(notice.recipe);
    out["boards"] = to_json(notice.boards);
    out["board"] = to_json(notice.board);
    out["outcome"] = to_json(notice.outcome);
    out["commit"] = to_json(notice.commit);
    out["subject"] = to_json(notice.subject);
    out["cause"] = to_json(notice.text);
    return boost::json::serialize(out) + "\n";
}

std::string mail_of(const Notice& notice, const NotifySpec& spec) {
    std::string mail;
    for (const std::string& address : spec.mail_to)
        mail += (mail.empty() ? "To: " : ",\n ") + address;
    mail += "\n";
    if (!spec.mail_from.empty()) mail += "From: " + spec.mail_from + "\n";
    mail += "Subject: " + header_words("[bisectd] " + headline(notice)) +
            "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
            "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n";
    mail += headline(notice) + "\n\n";
    if (!notice.text.empty()) mail += shown(notice.text) + "\n\n";
    mail += "repository  " + shown(notice.repository) + "\nrecipe      " + shown(notice.recipe) +
            "\nboards      " + joined(notice.boards) + "\n";
    if (!notice.commit.empty())
        mail += "commit      " + notice.commit.hex() + " " + shown(notice.subject) + "\n";
    return mail + "\n" + how_to_look(notice);
}

}  // namespace bisectd::notify
