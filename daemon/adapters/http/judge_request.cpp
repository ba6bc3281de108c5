#include "adapters/http/judge_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/http/api_views.hpp"
#include "adapters/json/fields.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_why = 4096;

Result<void> check_text(const char* part, std::string_view text, std::size_t longest) {
    if (text.size() > longest)
        return wrong_request(part, fmt::format("it is longer than {} bytes", longest));
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::ranges::any_of(text, control))
        return wrong_request(part, "it holds a control character");
    return {};
}

Result<void> check(const JudgeBody& body) {
    if (body.commit.empty()) return wrong_request("commit", "it is missing; give it");
    if (body.commit.starts_with('-'))
        return wrong_request("commit", fmt::format("\"{}\" begins with \"-\"",
                                                   printable(body.commit.substr(0, 80))));
    if (auto checked = check_text("commit", body.commit, longest_name); !checked) return checked;
    if (auto checked = check_text("symptom", body.symptom, longest_name); !checked) return checked;
    return check_text("why", body.why, longest_why);
}

Result<void> check_judge_parts(const boost::json::object& object) {
    for (const auto& entry : object) {
        const std::string_view name = entry.key();
        if (name != "commit" && name != "verdict" && name != "symptom" && name != "why")
            return wrong_request("body", fmt::format("unknown part \"{}\"; known are commit, "
                                                     "verdict, symptom, why",
                                                     printable(name.substr(0, 60))));
    }
    return {};
}

}  // namespace

Result<Judgement> read_judge_request(std::string_view text) {
    boost::json::error_code error;
    const boost::json::value json = boost::json::parse(text, error);
    if (error || !json.is_object())
        return wrong_request("body", "it must be one JSON object, described in docs/api.md");
    if (auto known = check_judge_parts(json.get_object()); !known)
        return std::unexpected(known.error());
    JsonReader reader("body");
    Result<JudgeBody> body = reader.read<JudgeBody>(json);
    if (!body) return std::unexpected(body.error());
    if (auto checked = check(*body); !checked) return std::unexpected(checked.error());
    Judgement judgement{body->commit, body->symptom, Verdict::skip, false, body->why};
    if (body->verdict == "withdraw") {
        judgement.withdrawn = true;
        return judgement;
    }
    const auto verdict = from_word<Verdict>(body->verdict);
    if (!verdict || *verdict == Verdict::uncertain)
        return wrong_request("verdict", fmt::format("\"{}\" is none; use good, bad, skip or "
                                                    "withdraw",
                                                    printable(body->verdict.substr(0, 60))));
    judgement.verdict = *verdict;
    return judgement;
}

}  // namespace bisectd::http
