// Anybody may send bytes to the port. The first byte says over which socket they came; the rest
// is read as a connection reads it and answered by the real site. Beyond not crashing: no answer
// can break out of its head, a page is whole and escapes what it shows, JSON is JSON, and without
// the token nothing is changed over TCP.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/json.hpp>

#include "adapters/http/connection.hpp"
#include "adapters/http/received_request.hpp"
#include "adapters/http/token.hpp"
#include "tests/adapters/http/fake_control.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;
using http::Request;
using http::Response;

namespace {

/// A site with something on all its pages; hostile texts everywhere.
struct Scene {
    boost::asio::io_context context;
    fuzz::ScratchFolder folder;
    tests::FakeControl control;
    std::unique_ptr<http::Serving> serving;

    Scene() {
        control.add(tests::running_bisection(1));
        control.add(tests::ended_bisection(2));
        control.log_folder = folder.folder();
        folder.write("build", "make\n\x1b[31merror:\x1b[0m <b>\n");
        folder.write("console", std::string(5000, 'x') + "\nOops\n");
        folder.write("runs", "");
        HttpOptions options;
        options.token_file = folder.path("token.sha256");
        folder.write("token.sha256", digest_of_token(std::string(32, 't')) + "\n");
        std::filesystem::permissions(options.token_file, std::filesystem::perms::owner_read);
        options.reads_per_second = options.changes_per_second = 1e12;
        options.wrong_tokens_per_second = 1e12;
        serving = std::make_unique<http::Serving>(control, options);
        BISECTD_ASSERT(serving->tail.follow().has_value());
        // Or whoever asks for a picture would wait for it.
        boost::asio::co_spawn(context, serving->site.draw_surveys(), boost::asio::detached);
    }
};

std::optional<Request> read(std::string_view bytes, bool over_unix) {
    namespace beast = boost::beast::http;
    beast::request_parser<beast::string_body> parser;
    parser.header_limit(16 * 1024);
    parser.body_limit(256 * 1024);
    parser.eager(true);
    boost::system::error_code error;
    while (!parser.is_done()) {
        const std::size_t used =
            parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        if (error || used == 0) return std::nullopt;
        bytes.remove_prefix(used);
    }
    return http::received_request(parser.release(), over_unix);
}

Response answer(Scene& scene, Request request) {
    std::optional<Response> response;
    boost::asio::co_spawn(scene.context, scene.serving->site.answer(std::move(request)),
                          [&response](std::exception_ptr thrown, Response value) {
                              if (thrown) std::rethrow_exception(thrown);
                              response = std::move(value);
                          });
    while (!response) scene.context.run_one();
    return std::move(*response);
}

void check_body(const Response& response) {
    if (response.content_type.find("json") != std::string::npos) {
        boost::system::error_code error;
        static_cast<void>(boost::json::parse(response.body, error));
        BISECTD_ASSERT(!error || response.status == 304);
    }
    if (!response.content_type.starts_with("text/html") || response.status == 304) return;
    BISECTD_ASSERT(response.body.starts_with("<!doctype html>") ||
                   response.body.starts_with("<!DOCTYPE html>"));
    // Of the hostile texts of the fakes and of the request no mark gets through.
    BISECTD_ASSERT(response.body.find("<script>alert") == std::string::npos);
    BISECTD_ASSERT(response.body.find('\x1b') == std::string::npos);
}

void check(const Response& response) {
    BISECTD_ASSERT(response.status >= 200 && response.status < 600);
    fuzz::check_plain(response.content_type);
    for (const auto& [name, value] : response.headers) {
        fuzz::check_plain(name);
        fuzz::check_plain(value);
    }
    check_body(response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Scene scene;
    if (size == 0) return 0;
    const std::string_view bytes = fuzz::text_of(data, size);
    const bool over_unix = bytes.front() == 'u';
    std::optional<Request> request = read(bytes.substr(1), over_unix);
    if (!request) return 0;
    const bool may_change = over_unix || request->authorization == "Bearer " + std::string(32, 't');
    scene.control.asked.clear();
    const Response response = answer(scene, std::move(*request));
    check(response);
    for (const std::string& asked : scene.control.asked) {
        const bool reads = asked.starts_with("log ") || asked.starts_with("report ");
        BISECTD_ASSERT(reads || may_change);
    }
    // What the requests made is taken away again, or the pages would grow for ever.
    scene.control.states.resize(2);
    scene.control.records.clear();
    scene.control.states[0]->activity = Activity::running;
    return 0;
}
