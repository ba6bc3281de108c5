#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/notify/notice_text.hpp"
#include "tests/adapters/notify/teller.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A web server for one request, in a thread of its own.
class OneRequest {
  public:
    explicit OneRequest(std::string answer)
        : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
          thread_([this, answer = std::move(answer)] {
              boost::asio::ip::tcp::socket socket(context_);
              boost::system::error_code error;
              acceptor_.accept(socket, error);
              if (error) return;
              std::string text;
              const std::size_t head =
                  boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
              const std::size_t at = text.find("Content-Length: ");
              const std::size_t body =
                  at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
              if (text.size() < head + body)
                  boost::asio::read(socket, boost::asio::dynamic_buffer(text),
                                    boost::asio::transfer_exactly(head + body - text.size()));
              request_ = text;
              boost::asio::write(socket, boost::asio::buffer(answer), error);
          }) {}
    ~OneRequest() {
        if (thread_.joinable()) thread_.join();
    }
    OneRequest(const OneRequest&) = delete;
    OneRequest& operator=(const OneRequest&) = delete;
    std::string address() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
               "/hook/secret-token";
    }
    std::string request() {
        thread_.join();
        return request_;
    }

  private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::string request_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("herald: what is not configured or not wanted is told no way", "[adapters]") {
    NotifySpec spec;
    CHECK(ConfiguredHerald(spec, "/tmp/x").ways(NoticeKind::found).empty());
    spec.command = {"/bin/true"};
    spec.mail_to = {"kim@example.org"};
    spec.webhook_file = "/etc/hook";
    spec.on = {NoticeKind::failed};
    const ConfiguredHerald herald(spec, "/tmp/x");
    CHECK(herald.ways(NoticeKind::found).empty());
    CHECK(herald.ways(NoticeKind::failed) ==
          std::vector<std::string>{"command", "mail", "webhook"});
    CHECK(herald.limit() > spec.deadline);
}

TEST_CASE("herald: a command gets the facts as variables and on its standard input", "[adapters]") {
    const Place place;
    NotifySpec spec;
    spec.command = {place.write_program("told",
                                        "env > \"$1/env\"; cat > \"$1/stdin\"\n"
                                        "echo \"$#\" > \"$1/count\"; pwd > \"$1/pwd\"\n"),
                    place.path(""), "$(touch " + place.path("hacked") + ")"};
    REQUIRE(place.tell(spec, "command"));
    const std::string variables = "\n" + place.read("env");
    for (const char* line :
         {"\nBISECTD_EVENT=found\n", "\nBISECTD_BISECTION=3\n", "\nBISECTD_TITLE=brk\n",
          "\nBISECTD_REPOSITORY=/home/kim/linux\n", "\nBISECTD_RECIPE=brk\n",
          "\nBISECTD_BOARDS=vb1 vb2\n", "\nBISECTD_BOARD=\n", "\nBISECTD_OUTCOME=culprit\n",
          "\nBISECTD_COMMIT=cccccccccccccccccccccccccccccccccccccccc\n",
          "\nBISECTD_SUBJECT=$(touch hacked) `id` ; 'x' \"y\""}) {
        INFO(variables);
        CHECK_THAT(variables, Contains(line));
    }
    CHECK_THAT(variables, !Contains("\x1b") && !Contains("\nBcc") && !Contains("\xff"));
    const auto facts = boost::json::parse(place.read("stdin")).as_object();
    CHECK(facts.at("event").as_string() == "found");
    CHECK(facts.at("bisection").to_number<int>() == 3);
    CHECK(facts.at("commit").as_string() == std::string(40, 'c'));
    CHECK(place.read("count") == "2\n");
    CHECK(place.read("pwd") == "/\n");
    CHECK_FALSE(std::filesystem::exists(place.path("hacked")));
}

TEST_CASE("herald: a command that fails, hangs or is not there is said, without its words",
          "[adapters]") {
    const Place place;
    NotifySpec spec;
    spec.deadline = 1s;
    spec.command = {place.write_program("fails", "echo the token is secret >&2; exit 7\n")};
    auto told = place.tell(spec, "command");
    REQUIRE_FALSE(told);
    CHECK(told.error().what == "failed with exit 7");
    spec.command = {place.write_program("hangs", "sleep 1000\n")};
    const auto begin = std::chrono::steady_clock::now();
    told = place.tell(spec, "command");
    REQUIRE_FALSE(told);
    CHECK(told.error().what == "not done in 1 s, stopped");
    CHECK(std::chrono::steady_clock::now() - begin < 15s);
    spec.command = {place.path("none")};
    CHECK_FALSE(place.tell(spec, "command"));
    CHECK_FALSE(place.tell(spec, "pigeon"));
}

TEST_CASE("herald: a mail has the configured people in its head and nobody else", "[adapters]") {
    const Place place;
    NotifySpec spec;
    spec.mail_to = {"kim@example.org", "lab@example.org"};
    spec.mail_from = "bisectd@example.org";
    spec.sendmail = place.write_program(
        "sendmail", "echo \"$@\" > " + place.path("args") + "; cat > " + place.path("mail") + "\n");
    REQUIRE(place.tell(spec, "mail"));
    CHECK(place.read("args") == "-i -t -f bisectd@example.org\n");
    const std::string mail = place.read("mail");
    CHECK_THAT(mail, StartsWith("To: kim@example.org,\n lab@example.org\n"
                                "From: bisectd@example.org\nSubject: "));
    CHECK_THAT(mail, !Contains("\nBcc") && !Contains("\x1b") && !Contains("\r"));
    CHECK_THAT(mail, Contains("\n  bisectctl report 3     # the mail for the maintainers\n"));
    const std::string head = mail.substr(0, mail.find("\n\n"));
    for (const char c : head) CHECK((c == '\n' || (c >= 0x20 && c < 0x7F)));
    spec.sendmail = place.write_program("busy", "exit 75\n");
    const auto told = place.tell(spec, "mail");
    REQUIRE_FALSE(told);
    CHECK(told.error().what == "failed with exit 75");
}

TEST_CASE("herald: a webhook gets the facts by POST; its address is told to nobody", "[adapters]") {
    const Place place;
    NotifySpec spec;
    {
        OneRequest server("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        std::ofstream(place.path("hook")) << server.address() << "\n";
        std::filesystem::permissions(place.path("hook"), std::filesystem::perms(0644));
        spec.webhook_file = place.path("hook");
        const auto open_to_all = place.tell(spec, "webhook");
        REQUIRE_FALSE(open_to_all);
        CHECK_THAT(open_to_all.error().what, Contains("chmod 600") && !Contains("secret"));
        std::filesystem::permissions(place.path("hook"), std::filesystem::perms(0600));
        spec.webhook_file = place.path("hook");
        REQUIRE(place.tell(spec, "webhook"));
        const std::string request = server.request();
        CHECK_THAT(request, StartsWith("POST /hook/secret-token HTTP/1.1\r\n"));
        CHECK_THAT(request, Contains("Content-Type: application/json\r\n"));
        const auto facts =
            boost::json::parse(request.substr(request.find("\r\n\r\n") + 4)).as_object();
        CHECK(facts.at("event").as_string() == "found");
        CHECK_THAT(std::string(facts.at("text").as_string()),
                   StartsWith("bisection 3, brk: found cccccccccccc (\""));
    }
    for (const auto& [answer, what] : std::vector<std::pair<std::string, std::string>>{
             {"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n", "it answered 403"},
             {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n",
              "it answered 302"}}) {
        OneRequest server(answer);
        spec.webhook_file.clear();
        spec.webhook = server.address();
        const auto told = place.tell(spec, "webhook");
        REQUIRE_FALSE(told);
        CHECK(told.error().what == what);
        CHECK_THAT(describe(told.error()), !Contains("secret"));
    }
    spec.webhook = "http://127.0.0.1:1/secret";
    const auto told = place.tell(spec, "webhook");
    REQUIRE_FALSE(told);
    CHECK(told.error().what == "its host does not take connections");
    spec.webhook.clear();
    std::ofstream(place.path("hook")) << "file:///etc/passwd\n";
    spec.webhook_file = place.path("hook");
    CHECK_FALSE(place.tell(spec, "webhook"));
    spec.webhook_file = place.path("none");
    CHECK_FALSE(place.tell(spec, "webhook"));
}
