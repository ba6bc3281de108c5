#include "adapters/http/start_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/json/fields.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t longest_text = 4096;
constexpr std::size_t most_good_ends = 64;
constexpr std::size_t most_paths = 256;

/// Errors: a sentence; empty when the text can be used.
std::string wrong_text(std::string_view text) {
    if (text.size() > longest_text) return fmt::format("is longer than {} bytes", longest_text);
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::ranges::any_of(text, control)) return "holds a control character";
    return "";
}

/// Names of commits, recipes and boards: none may be taken for an option or a path upwards.
std::string wrong_name(std::string_view text) {
    if (text.starts_with('-')) return "begins with \"-\"";
    return wrong_text(text);
}

Result<void> check_names(const StartRequest& request) {
    const auto check = [](const char* part, const std::string& text) -> Result<void> {
        const std::string wrong = wrong_name(text);
        if (wrong.empty()) return {};
        return wrong_request(part, fmt::format("\"{}\" {}", printable(text.substr(0, 80)), wrong));
    };
    for (const auto& [part, text] :
         {std::pair{"bad", &request.bad}, std::pair{"recipe", &request.recipe},
          std::pair{"board", &request.board}})
        if (Result<void> checked = check(part, *text); !checked) return checked;
    for (const std::string& good : request.good)
        if (Result<void> checked = check("good", good); !checked) return checked;
    for (const std::string& path : request.paths)
        if (const std::string wrong = wrong_text(path); !wrong.empty())
            return wrong_request("paths", "a path " + wrong);
    if (const std::string wrong = wrong_text(request.title); !wrong.empty())
        return wrong_request("title", "it " + wrong);
    if (request.good.size() > most_good_ends)
        return wrong_request("good", fmt::format("at most {} good ends", most_good_ends));
    if (request.paths.size() > most_paths)
        return wrong_request("paths", fmt::format("at most {} paths", most_paths));
    return {};
}

Result<void> check_complete(const StartRequest& request) {
    for (const auto& [part, text] :
         {std::pair{"repository", &request.repository}, std::pair{"bad", &request.bad},
          std::pair{"recipe", &request.recipe}, std::pair{"board", &request.board}})
        if (text->empty()) return wrong_request(part, "it is missing; give it");
    if (request.good.empty() || std::ranges::any_of(request.good, &std::string::empty))
        return wrong_request("good", "it is missing; give at least one good end");
    return {};
}

Result<void> check_parts(const boost::json::object& object) {
    for (const auto& entry : object) {
        bool known = false;
        StartRequest example;
        StartRequest::fields(
            [&known, &entry](std::string_view name, const auto&) { known |= name == entry.key(); },
            example);
        if (!known)
            return wrong_request("body", fmt::format("unknown part \"{}\"; known are repository, "
                                                     "bad, good, recipe, board, first_parent, "
                                                     "paths, title",
                                                     printable(entry.key().substr(0, 60))));
    }
    return {};
}

}  // namespace

Result<StartRequest> read_start_request(std::string_view body, bool for_doctor) {
    boost::json::error_code error;
    const boost::json::value json = boost::json::parse(body, error);
    if (error || !json.is_object())
        return wrong_request("body", "it must be one JSON object, described in docs/api.md");
    if (Result<void> known = check_parts(json.get_object()); !known)
        return std::unexpected(known.error());
    JsonReader reader("body");
    Result<StartRequest> request = reader.read<StartRequest>(json);
    if (!request) return request;
    if (Result<void> checked = check_names(*request); !checked)
        return std::unexpected(checked.error());
    const std::string& repository = request->repository;
    if (const std::string wrong = wrong_text(repository); !wrong.empty())
        return wrong_request("repository", "it " + wrong);
    if (!repository.empty() && !repository.starts_with('/'))
        return wrong_request("repository",
                             "it must be an absolute path: the daemon does not "
                             "stand in your folder");
    if (for_doctor) return request;
    if (Result<void> complete = check_complete(*request); !complete)
        return std::unexpected(complete.error());
    return request;
}

}  // namespace bisectd::http
