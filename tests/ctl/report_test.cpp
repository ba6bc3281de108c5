#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/adapters/http/test_server.hpp"
#include "tests/ctl/ctl_run.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

CtlRun ask(const TestServer& server, std::vector<std::string> arguments, bool live = false) {
    arguments.insert(arguments.begin(), {"--socket", server.socket()});
    return bisectctl(std::move(arguments), live);
}

void fill(FakeControl& control) {
    control.add(ended_bisection(1));
    control.mail.to = {Mailbox{"A", "a@x.org"}};
    control.mail.cc = {Mailbox{"", "list@x.org"}};
    control.mail.subject = "[REGRESSION] x";
    control.mail.text = "To: A <a@x.org>\nSubject: x\n\nHi,\n  \tone \x1b[2Jline\n";
    control.mail.notes = {"a tag names " + hostile};
}

}  // namespace

TEST_CASE("ctl: report prints the mail, and what to mind beside it", "[ctl]") {
    TestServer server(fill);
    const CtlRun run = ask(server, {"report"});
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("To: A <a@x.org>\nSubject: x\n\nHi,\n"));
    CHECK_THAT(run.err, Contains("bisectctl: note: a tag names <script>"));
    CHECK_THAT(run.out + run.err, !Contains("\x1b") && !Contains("\r"));
    CHECK(run.err.find('\n') == run.err.size() - 1);
    const CtlRun json = ask(server, {"report", "1", "--symptom", "seg fault", "--json"});
    CHECK(json.code == 0);
    const auto object = boost::json::parse(json.out).as_object();
    CHECK(object.at("to").as_array().at(0).as_string() == "A <a@x.org>");
    CHECK(object.at("cc").as_array().at(0).as_string() == "list@x.org");
    CHECK(object.at("subject").as_string() == "[REGRESSION] x");
    server.with([](FakeControl& control) {
        CHECK(control.asked == std::vector<std::string>{"report 1", "report 1 seg fault"});
        control.refusal = Error{ErrorKind::request, "bisection 1", "it has not ended"};
    });
    const CtlRun refused = ask(server, {"report", "1"});
    CHECK(refused.code == 1);
    CHECK(refused.err == "bisectctl: bisection 1: it has not ended\n");
    CHECK(ask(server, {"report", "9"}).code == 1);
}

TEST_CASE("ctl: every reading command prints JSON when it is asked to", "[ctl]") {
    TestServer server(fill);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"list"},
                                               {"show"},
                                               {"show", "1"},
                                               {"status"},
                                               {"status", "1"},
                                               {"log"},
                                               {"report"},
                                               {"boards"},
                                               {"recipes"},
                                               {"names", "boards"},
                                               {"doctor"}}) {
        std::vector<std::string> with_json = command;
        with_json.emplace_back("--json");
        for (const bool live : {false, true}) {
            const CtlRun run = ask(server, with_json, live);
            INFO(command.front() << ": " << run.out << run.err);
            boost::json::error_code error;
            const auto value = boost::json::parse(run.out, error);
            CHECK_FALSE(error);
            CHECK(value.is_object());
            CHECK_THAT(run.out, !Contains("\x1b"));
        }
    }
}

TEST_CASE("api: the report is a text, or JSON when that is asked for", "[ctl]") {
    TestServer server(fill);
    const auto get = [&server](const std::string& target) {
        return over_unix(server, request_text("GET", target));
    };
    const std::string text = get("/api/v1/bisections/1/report");
    CHECK(status_of(text) == 200);
    CHECK_THAT(text, Contains("text/plain"));
    CHECK_THAT(body_of(text), Contains("Subject: x\n\nHi,\n"));
    CHECK(get("/api/v1/bisections/1/report?format=text").find("Hi,") != std::string::npos);
    const std::string json = get("/api/v1/bisections/1/report?symptom=a%20b&format=json");
    CHECK(boost::json::parse(body_of(json)).at("subject") == "[REGRESSION] x");
    server.with([](FakeControl& control) { CHECK(control.asked.back() == "report 1 a b"); });
    CHECK(status_of(get("/api/v1/bisections/1/report?format=html")) == 400);
    CHECK(status_of(get("/api/v1/bisections/9/report")) == 404);
    CHECK(status_of(over_unix(server, request_text("POST", "/api/v1/bisections/1/report"))) == 405);
    server.with([](FakeControl& control) {
        control.refusal = Error{ErrorKind::request, "bisection 1", "it has not ended"};
    });
    CHECK(status_of(get("/api/v1/bisections/1/report")) == 409);
}
