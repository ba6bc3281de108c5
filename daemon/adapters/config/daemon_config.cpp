#include "adapters/config/daemon_config.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "adapters/config/builds_section.hpp"
#include "adapters/config/checks.hpp"
#include "adapters/config/notify_section.hpp"
#include "adapters/config/section.hpp"
#include "adapters/config/storage_section.hpp"
#include "adapters/config/words.hpp"

namespace bisectd {

using config::Document;
using config::Section;

namespace {

/// Longest path of a unix socket. Source: sockaddr_un has 108 bytes with the final NUL.
constexpr std::size_t longest_socket_path = 107;

void check_listen(const Section& top, const std::string& listen) {
    if (listen.empty()) return;
    std::string problem = config::host_and_port_problem(listen);
    std::string_view host = std::string_view(listen).substr(0, listen.rfind(':'));
    bool loopback = host == "127.0.0.1" || host == "localhost";
    if (!problem.empty())
        top.refuse("listen", "'listen' " + problem);
    else if (!loopback)
        top.refuse("listen", fmt::format("'listen' must be 127.0.0.1 or localhost and a port, "
                                         "not '{}'; to see the page from elsewhere, use ssh -L "
                                         "or a reverse proxy",
                                         config::shown(listen)));
}

void check_size(const Section& top, const std::string& size) {
    bool digits =
        size.size() >= 2 && size.size() <= 8 &&
        std::all_of(size.begin(), size.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
    bool unit = !size.empty() && std::string_view("MGT").find(size.back()) != std::string::npos;
    if (!digits || !unit)
        top.refuse("ccache_size", fmt::format("'ccache_size' should be a size such as \"20G\" "
                                              "or \"500M\": '{}'",
                                              config::shown(size)));
}

void check_commit_url(const Section& top, const std::string& url) {
    if (url.empty()) return;
    const bool web = url.starts_with("https://") || url.starts_with("http://");
    if (!web || url.find("{commit}") == std::string::npos)
        top.refuse("commit_url", fmt::format("'commit_url' should be a web address with "
                                             "{{commit}} in it: '{}'",
                                             config::shown(url)));
}

std::string read_path(const Section& top, std::string_view key, const std::string& otherwise,
                      const std::string& folder) {
    if (!top.has(key)) return otherwise;
    return config::path_from(folder, top.needed_text(key));
}

}  // namespace

Result<DaemonConfig> config::daemon_config_of(Document document) {
    const std::string path = document.path();
    Section top(
        document, document.root(), "",
        {"data_folder", "builds_folder", "socket", "listen", "recipe_folders", "boards_folder",
         "jobs", "ccache_size", "commit_url", "log_level", "builds", "notify", "storage"});
    std::error_code code;
    DaemonConfig settings;
    settings.file = std::filesystem::absolute(path, code).lexically_normal().string();
    if (code) return infrastructure(path, code.message());
    const std::string folder = config::folder_of(settings.file);
    settings.data_folder = read_path(top, "data_folder", settings.data_folder, folder);
    settings.builds_folder = read_path(top, "builds_folder", settings.builds_folder, folder);
    settings.socket = read_path(top, "socket", settings.socket, folder);
    if (settings.socket.size() > longest_socket_path)
        top.refuse("socket", fmt::format("'socket' is a path of {} bytes; a unix socket's may "
                                         "have {}",
                                         settings.socket.size(), longest_socket_path));
    settings.listen = top.text("listen", settings.listen);
    check_listen(top, settings.listen);
    if (top.has("recipe_folders")) settings.recipe_folders = top.needed_texts("recipe_folders");
    for (std::string& recipes : settings.recipe_folders)
        recipes = config::path_from(folder, recipes);
    settings.boards_folder = read_path(top, "boards_folder", settings.boards_folder, folder);
    settings.jobs = static_cast<unsigned>(top.number("jobs", 0, 0, 1024));
    settings.ccache_size = top.text("ccache_size", settings.ccache_size);
    check_size(top, settings.ccache_size);
    settings.commit_url = top.text("commit_url", settings.commit_url);
    check_commit_url(top, settings.commit_url);
    settings.log_level = top.word<std::string>(
        "log_level", settings.log_level,
        {{"error", "error"}, {"warning", "warning"}, {"info", "info"}, {"debug", "debug"}});
    settings.builds = config::read_builds(top, folder);
    settings.notify = config::read_notify(top, settings.file);
    settings.storage = config::read_storage(top);
    Result<void> verdict = document.verdict();
    if (!verdict) return std::unexpected(verdict.error());
    return settings;
}

Result<DaemonConfig> read_daemon_config(const std::string& path) {
    Result<Document> document = Document::read(path);
    if (!document) return std::unexpected(document.error());
    return config::daemon_config_of(std::move(*document));
}

}  // namespace bisectd
