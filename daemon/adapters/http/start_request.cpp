#include "adapters/http/start_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/json/fields.hpp"
#include "core/bisect_log_text.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t longest_text = 4096;
constexpr std::size_t most_good_ends = 64;
constexpr std::size_t most_paths = 256;
constexpr std::size_t most_boards = 16;
constexpr std::size_t most_hints = 64;
// A year of runs of a millisecond each.
constexpr std::uint64_t most_runs = 31'536'000'000;
constexpr double least_confidence = 0.5, most_confidence = 0.9999;

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
    for (const auto& [part, texts] :
         {std::pair{"good", &request.good}, std::pair{"hints", &request.hints},
          std::pair{"more_boards", &request.more_boards}})
        for (const std::string& text : *texts)
            if (Result<void> checked = check(part, text); !checked) return checked;
    for (const auto& [part, texts] :
         {std::pair{"hints", &request.hints}, std::pair{"more_boards", &request.more_boards}})
        if (std::ranges::any_of(*texts, &std::string::empty))
            return wrong_request(part, "one of them is empty");
    for (const std::string& path : request.paths)
        if (const std::string wrong = wrong_text(path); !wrong.empty())
            return wrong_request("paths", "a path " + wrong);
    if (const std::string wrong = wrong_text(request.title); !wrong.empty())
        return wrong_request("title", "it " + wrong);
    if (request.good.size() > most_good_ends)
        return wrong_request("good", fmt::format("at most {} good ends", most_good_ends));
    if (request.paths.size() > most_paths)
        return wrong_request("paths", fmt::format("at most {} paths", most_paths));
    if (request.boards().size() > most_boards)
        return wrong_request("more_boards", fmt::format("at most {} boards", most_boards));
    if (request.hints.size() > most_hints)
        return wrong_request("hints", fmt::format("at most {} hints", most_hints));
    return {};
}

Result<void> check_numbers(const StartRequest& request) {
    const std::uint64_t failures = request.seen_failures, runs = request.seen_runs;
    if (failures > runs)
        return wrong_request("seen_failures", fmt::format("{} failures in {} runs: there cannot be "
                                                          "more failures than runs",
                                                          failures, runs));
    if (runs > 0 && failures == 0)
        return wrong_request("seen_failures",
                             "no failure in all those runs: then the bad end is not known to be "
                             "bad; leave both out");
    if (runs > most_runs)
        return wrong_request("seen_runs", fmt::format("at most {} runs", most_runs));
    if (!(request.confidence >= least_confidence && request.confidence <= most_confidence))
        return wrong_request("confidence",
                             fmt::format("{} is not from {} to {}", request.confidence,
                                         least_confidence, most_confidence));
    if (request.priority < least_priority || request.priority > most_priority)
        return wrong_request("priority", fmt::format("{} is not from {} to {}", request.priority,
                                                     least_priority, most_priority));
    return {};
}

/// The log names the ends; two sources of one thing would have to agree.
Result<void> check_replay(const StartRequest& request) {
    if (request.replay.empty()) return {};
    if (request.replay.size() > bisect_log_limit_bytes)
        return wrong_request("replay", "it is longer than 200 KiB");
    if (!request.bad.empty() || !request.good.empty() || !request.paths.empty())
        return wrong_request("replay",
                             "the log gives the bad end, the good ends and the paths: leave bad, "
                             "good and paths out");
    return {};
}

Result<void> check_complete(const StartRequest& request) {
    for (const auto& [part, text] :
         {std::pair{"repository", &request.repository}, std::pair{"recipe", &request.recipe},
          std::pair{"board", &request.board}})
        if (text->empty()) return wrong_request(part, "it is missing; give it");
    if (!request.replay.empty()) return {};
    if (request.bad.empty()) return wrong_request("bad", "it is missing; give it");
    if (request.good.empty() || std::ranges::any_of(request.good, &std::string::empty))
        return wrong_request("good", "it is missing; give at least one good end");
    return {};
}

std::string known_parts() {
    std::string names;
    StartRequest example;
    StartRequest::fields(
        [&names](std::string_view name, const auto&) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        },
        example);
    return names;
}

Result<void> check_parts(const boost::json::object& object) {
    for (const auto& entry : object) {
        bool known = false;
        StartRequest example;
        StartRequest::fields(
            [&known, &entry](std::string_view name, const auto&) { known |= name == entry.key(); },
            example);
        if (!known)
            return wrong_request("body",
                                 fmt::format("unknown part \"{}\"; known are {}",
                                             printable(entry.key().substr(0, 60)), known_parts()));
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
    for (const auto& check : {check_numbers, check_replay})
        if (Result<void> checked = check(*request); !checked)
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
