#include "adapters/config/document.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "adapters/config/long_key.hpp"
#include "core/printable.hpp"

namespace bisectd::config {
namespace {

constexpr std::size_t shown_problems = 10;

struct OpenFile {
    int number;
    explicit OpenFile(const std::string& path)
        // NONBLOCK: a fifo in the place of a file must not stop the daemon.
        : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (number >= 0) ::close(number);
    }
};

std::string place(const std::string& path, toml::source_position at) {
    return fmt::format("{}:{}:{}", path, std::max<unsigned>(at.line, 1),
                       std::max<unsigned>(at.column, 1));
}

/// What the parser's words mean in practice.
std::string_view hint(std::string_view description) {
    if (description.find("could not determine value type") != description.npos)
        return "; write texts in quotes";
    if (description.find("unescaped control characters") != description.npos)
        return "; is a closing quote missing?";
    return "";
}

}  // namespace

Result<std::string> read_bounded(const std::string& path, std::size_t limit) {
    OpenFile file(path);
    if (file.number < 0)
        return wrong_request(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    struct stat status{};
    if (::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
        return wrong_request(path, "is no regular file");
    std::string text;
    char buffer[65536];
    while (true) {
        ssize_t got = ::read(file.number, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return infrastructure(path, std::strerror(errno));
        if (got == 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
        if (text.size() > limit)
            return wrong_request(path, fmt::format("is larger than {} KiB", limit / 1024));
    }
}

Result<Document> Document::read(const std::string& path) {
    Result<std::string> text = read_bounded(path, file_limit);
    if (!text) return std::unexpected(text.error());
    return parse(*text, path);
}

Result<Document> Document::parse(std::string_view text, const std::string& path) {
    if (const auto line = line_of_long_key(text))
        return wrong_request(fmt::format("{}:{}:1", path, *line),
                             fmt::format("a key has more than {} parts", most_key_parts));
    Document document;
    document.path_ = path;
    try {
        document.root_ = toml::parse(text, std::string_view(path));
    } catch (const toml::parse_error& error) {
        return wrong_request(
            place(path, error.source().begin),
            fmt::format("{}{}", printable(error.description()), hint(error.description())));
    }
    return document;
}

void Document::refuse(toml::source_position at, std::string_view what) {
    problems_.push_back(Problem{at, printable(what)});  // it may quote a path
}

bool Document::refused(toml::source_position at) const {
    return std::any_of(problems_.begin(), problems_.end(),
                       [at](const Problem& problem) { return problem.at == at; });
}

Result<void> Document::verdict() const {
    if (problems_.empty()) return {};
    std::vector<Problem> sorted = problems_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::string what = sorted.front().what;
    for (std::size_t i = 1; i < sorted.size() && i < shown_problems; ++i)
        what += fmt::format("\n{}: {}", place(path_, sorted[i].at), sorted[i].what);
    if (sorted.size() > shown_problems)
        what += fmt::format("\nand {} more", sorted.size() - shown_problems);
    return wrong_request(place(path_, sorted.front().at), what);
}

}  // namespace bisectd::config
