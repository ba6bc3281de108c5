#include "ctl/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "adapters/json/fields.hpp"
#include "ctl/artefacts.hpp"
#include "ctl/exit_code.hpp"
#include "ctl/show.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds change_limit{60'000};
// The first start of a repository copies it; a whole kernel history on a slow disk.
constexpr milliseconds start_limit{3'600'000};
// The daemon waits for each board that is silent, one after the other, as long as the board's file
// says: no limit here may hide what it found. If it dies, its socket is closed.
constexpr milliseconds doctor_limit = std::chrono::days(7);
// Of the daemon's lists.
constexpr std::uint64_t most_a_page = 1000;
// Nobody chooses among more with the tabulator.
constexpr std::uint64_t most_names = 1000;

/// The daemon's "no" as an error, in its own words.
Error refusal_of(const Reply& reply) {
    boost::json::error_code error;
    const boost::json::value json = boost::json::parse(reply.body, error);
    if (error || !json.is_object())
        return {ErrorKind::request, "bisectd", fmt::format("it answered {}", reply.status)};
    std::string where = text_of(json.get_object(), "where");
    return {ErrorKind::request, where.empty() ? "bisectd" : where,
            text_of(json.get_object(), "detail")};
}

Result<std::string> good_body(Result<Reply> reply) {
    if (!reply) return std::unexpected(reply.error());
    if (!reply->good()) return std::unexpected(refusal_of(*reply));
    return std::move(reply->body);
}

Result<Json> object_of(const Result<std::string>& body) {
    if (!body) return std::unexpected(body.error());
    boost::json::error_code error;
    boost::json::value json = boost::json::parse(*body, error);
    if (error || !json.is_object())
        return wrong_request("bisectd",
                             "it answered something that is no JSON object; is it of "
                             "another version than this bisectctl?");
    return std::move(json.get_object());
}

/// Prints the answer as it came, or hands it to `print`.
int answer(const Result<std::string>& body, bool json, const Terminal& terminal, auto print) {
    if (!body) return report(body.error(), terminal);
    if (json) {
        terminal.out << *body;
        return exit_ok;
    }
    Result<Json> object = object_of(body);
    if (!object) return report(object.error(), terminal);
    print(*object);
    return exit_ok;
}

/// The same for an answer that was put together of several.
int answer(const Result<Json>& object, bool json, const Terminal& terminal, auto print) {
    if (!object) return report(object.error(), terminal);
    if (json)
        terminal.out << boost::json::serialize(*object) << '\n';
    else
        print(*object);
    return exit_ok;
}

/// Each line made harmless.
void print_lines(const std::string& text, const Terminal& terminal) {
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        terminal.out << printable(text.substr(from, end - from)) << '\n';
        from = end + 1;
    }
}

std::string address(BisectionId id, const std::string& rest = "") {
    return fmt::format("/api/v1/bisections/{}{}", id, rest);
}

}  // namespace

Result<Json> fetch(const Client& client, const std::string& target) {
    return object_of(good_body(client.get(target)));
}

int report(const Error& error, const Terminal& terminal) {
    terminal.err << "bisectctl: " << describe(error) << '\n';
    if (error.kind == ErrorKind::cancelled) return exit_left;
    return error.kind == ErrorKind::infrastructure ? exit_unreachable : exit_refused;
}

Result<Json> fetch_bisections(const Client& client, const ListWish& wish) {
    std::string target = "/api/v1/bisections?sort=" + std::string(wish.limit != 0 ? "-id" : "id");
    if (wish.limit != 0) target += fmt::format("&limit={}", std::min(wish.limit, most_a_page));
    if (!wish.state.empty()) target += "&state=" + escaped_segment(wish.state);
    if (!wish.text.empty()) target += "&q=" + escaped_segment(wish.text);
    Json whole;
    boost::json::array all;
    while (!target.empty()) {
        Result<Json> page = fetch(client, target);
        if (!page) return page;
        const std::vector<const Json*> entries = list_of(*page, "bisections");
        for (const Json* entry : entries) all.push_back(*entry);
        const bool enough = wish.limit != 0 && all.size() >= wish.limit;
        // A page without entries would lead on for ever.
        target = enough || entries.empty() ? "" : text_of(*page, "next");
        whole["total"] = number_of(*page, "total");
    }
    if (wish.limit != 0) {
        if (all.size() > wish.limit) all.resize(wish.limit);
        std::ranges::reverse(all);
    }
    whole["bisections"] = std::move(all);
    return whole;
}

Result<BisectionId> newest(const Client& client) {
    for (const char* state : {"open", ""}) {
        Result<Json> list = fetch_bisections(client, {1, state, ""});
        if (!list) return std::unexpected(list.error());
        for (const Json* one : list_of(*list, "bisections")) return number_of(*one, "id");
    }
    return wrong_request("bisectctl", "there is no bisection yet; \"bisectctl start\" begins one");
}

Result<std::vector<StartRequest>> one_for_each_kind(const Client& client,
                                                    const StartRequest& request) {
    if (request.more_boards.empty()) return std::vector{request};
    Result<Json> known = fetch(client, "/api/v1/boards");
    if (!known) return std::unexpected(known.error());
    std::map<std::string, std::string> kinds;
    for (const Json* board : list_of(*known, "boards"))
        kinds[text_of(*board, "name")] = text_of(*board, "kind");
    std::vector<StartRequest> all;
    for (const std::string& board : request.boards()) {
        // One that the daemon does not know is for the daemon to refuse.
        const auto same = std::ranges::find_if(all, [&](const StartRequest& one) {
            return !kinds.contains(board) || kinds[one.board] == kinds[board];
        });
        if (same != all.end()) {
            same->more_boards.push_back(board);
            continue;
        }
        all.push_back(request);
        all.back().board = board;
        all.back().more_boards.clear();
    }
    return all;
}

int start(const Client& client, const StartRequest& request, bool json, const Terminal& terminal,
          BisectionId& id) {
    const Result<std::string> body = good_body(
        client.post("/api/v1/bisections", boost::json::serialize(to_json(request)), start_limit));
    if (body)
        if (Result<Json> object = object_of(body)) id = number_of(*object, "id");
    return answer(body, json, terminal, [&terminal, &id](const Json&) {
        terminal.out << fmt::format("bisection {} begins; \"bisectctl watch {}\" shows it\n", id,
                                    id);
        terminal.out.flush();
    });
}

int list(const Client& client, const ListWish& wish, bool json, const Terminal& terminal) {
    return answer(fetch_bisections(client, wish), json, terminal,
                  [&terminal, &wish](const Json& object) {
                      const std::vector<const Json*> found = list_of(object, "bisections");
                      if (found.empty() && !(wish.state.empty() && wish.text.empty()))
                          terminal.out << "none fits; \"bisectctl list\" shows all\n";
                      else
                          print_list(found, terminal);
                  });
}

namespace {

int status_of(const Client& client, BisectionId id, bool json, const Terminal& terminal) {
    return answer(
        good_body(client.get(address(id))), json, terminal, [&terminal](const Json& state) {
            for (const std::string& line : status_lines(state, places_of(state), terminal))
                terminal.out << line << '\n';
            print_ending(state, terminal);
        });
}

}  // namespace

int status(const Client& client, BisectionId id, bool json, const Terminal& terminal) {
    if (id != 0) return status_of(client, id, json, terminal);
    const Result<Json> object = fetch_bisections(client, {0, "open", ""});
    if (json || !object) return answer(object, json, terminal, [](const Json&) {});
    bool any = false;
    for (const Json* summary : list_of(*object, "bisections")) {
        Result<Json> state = fetch(client, address(number_of(*summary, "id")));
        if (!state) return report(state.error(), terminal);
        if (any) terminal.out << '\n';
        any = true;
        for (const std::string& line : status_lines(*state, places_of(*state), terminal))
            terminal.out << line << '\n';
    }
    if (!any) terminal.out << "nothing goes on; \"bisectctl list\" shows what was done\n";
    return exit_ok;
}

int show(const Client& client, BisectionId id, bool json, const Terminal& terminal) {
    return answer(good_body(client.get(address(id))), json, terminal,
                  [&terminal](const Json& state) { print_summary(state, terminal); });
}

int log(const Client& client, BisectionId id, const std::string& symptom, bool json,
        const Terminal& terminal) {
    const std::string which = symptom.empty() ? "" : "?symptom=" + escaped_segment(symptom);
    const Result<std::string> body = good_body(client.get(address(id, "/git-log" + which)));
    if (!body) return report(body.error(), terminal);
    if (json) {
        Json object;
        object["git_log"] = valid_utf8(*body);
        terminal.out << boost::json::serialize(object) << '\n';
    } else if (terminal.live) {
        // Subjects are hostile to a terminal, but a file gets them as they are.
        print_lines(*body, terminal);
    } else {
        terminal.out << *body;
    }
    return exit_ok;
}

int report_mail(const Client& client, BisectionId id, const std::string& symptom, bool json,
                const Terminal& terminal) {
    std::string target = address(id, "/report?format=json");
    if (!symptom.empty()) target += "&symptom=" + escaped_segment(symptom);
    return answer(good_body(client.get(target)), json, terminal, [&terminal](const Json& object) {
        const auto* text = object.if_contains("text");
        print_lines(text != nullptr && text->is_string() ? std::string(text->get_string()) : "",
                    terminal);
        const auto* notes = object.if_contains("notes");
        if (notes == nullptr || !notes->is_array()) return;
        terminal.out.flush();
        for (const auto& note : notes->get_array())
            if (note.is_string())
                terminal.err << "bisectctl: note: " << printable(note.get_string()) << '\n';
    });
}

int judge(const Client& client, BisectionId id, const Judging& judging, bool json,
          const Terminal& terminal) {
    Json body;
    body["commit"] = valid_utf8(judging.commit);
    body["verdict"] = judging.verdict;
    if (!judging.symptom.empty()) body["symptom"] = valid_utf8(judging.symptom);
    if (!judging.why.empty()) body["why"] = valid_utf8(judging.why);
    const Result<std::string> reply =
        good_body(client.post(address(id, "/judge"), boost::json::serialize(body), start_limit));
    return answer(reply, json, terminal, [&terminal, id, &judging](const Json& object) {
        terminal.out << fmt::format(
            "bisection {}: {} {}\n", id, brief_of(object, "commit"),
            judging.verdict == "withdraw" ? "has no verdict any more" : "is " + judging.verdict);
    });
}

int change(const Client& client, BisectionId id, const std::string& what, bool json,
           const Terminal& terminal) {
    return answer(good_body(client.post(address(id, "/" + what), "", change_limit)), json, terminal,
                  [&terminal, id, &what](const Json& object) {
                      terminal.out << fmt::format("bisection {}: {} taken, it is {}\n", id, what,
                                                  text_of(object, "activity"));
                  });
}

int boards(const Client& client, bool json, const Terminal& terminal) {
    return answer(
        good_body(client.get("/api/v1/boards")), json, terminal,
        [&terminal](const Json& object) { print_boards(list_of(object, "boards"), terminal); });
}

int return_board(const Client& client, const std::string& board, bool json,
                 const Terminal& terminal) {
    const std::string target = "/api/v1/boards/" + escaped_segment(board) + "/return";
    return answer(good_body(client.post(target, "", change_limit)), json, terminal,
                  [&terminal, &board](const Json&) {
                      terminal.out << "board " << printable(board) << " is given back\n";
                  });
}

int names(const Client& client, const std::string& of, bool json, const Terminal& terminal) {
    const Result<Json> object = of == "bisections" ? fetch_bisections(client, {most_names, "", ""})
                                                   : fetch(client, "/api/v1/" + of);
    return answer(object, json, terminal, [&terminal, &of](const Json& names) {
        constexpr std::string_view plain =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
        for (const Json* one : list_of(names, of)) {
            const std::string name =
                of == "bisections" ? std::to_string(number_of(*one, "id")) : text_of(*one, "name");
            if (name.find_first_not_of(plain) == std::string::npos) terminal.out << name << '\n';
        }
    });
}

int recipes(const Client& client, bool json, const Terminal& terminal) {
    return answer(good_body(client.get("/api/v1/recipes")), json, terminal,
                  [&terminal](const Json& object) {
                      for (const Json* recipe : list_of(object, "recipes")) {
                          const std::string error = text_of(*recipe, "error");
                          terminal.out << padded(text_of(*recipe, "name"), 28) << "  "
                                       << (error.empty() ? text_of(*recipe, "title")
                                                         : terminal.paint(Colour::bad, error))
                                       << '\n';
                      }
                  });
}

int artefacts(const Client& client, bool json, const Terminal& terminal) {
    return answer(good_body(client.get("/api/v1/artefacts")), json, terminal,
                  [&terminal](const Json& view) { print_artefacts(view, terminal); });
}

int doctor(const Client& client, const StartRequest& request, bool json, const Terminal& terminal) {
    const Result<std::string> body = good_body(
        client.post("/api/v1/doctor", boost::json::serialize(to_json(request)), doctor_limit));
    bool well = true;
    if (Result<Json> object = object_of(body)) {
        const auto* good = object->if_contains("good");
        well = good != nullptr && good->is_bool() && good->get_bool();
    }
    const int code = answer(body, json, terminal, [&terminal](const Json& object) {
        for (const Json* finding : list_of(object, "findings")) {
            const auto* good = finding->if_contains("good");
            const bool fine = good != nullptr && good->is_bool() && good->get_bool();
            terminal.out << terminal.paint(fine ? Colour::good : Colour::bad,
                                           fine ? "good  " : "bad   ")
                         << text_of(*finding, "subject") << ": " << text_of(*finding, "what")
                         << '\n';
        }
    });
    return code == exit_ok && !well ? static_cast<int>(exit_refused) : code;
}

}  // namespace bisectd::ctl
