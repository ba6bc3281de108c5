#include "adapters/http/log_file.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bisectd::http {
namespace {

constexpr std::uint64_t lines_a_mark = 1000;
constexpr std::size_t piece_size_bytes = 256UL * 1024;
// Some milliseconds of work; then others have their turn.
constexpr std::size_t turn_bytes = 4UL * 1024 * 1024;
constexpr std::size_t most_recent = 24;
constexpr std::size_t head_bytes = 256;

char small_letter(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string small_letters(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), small_letter);
    return out;
}

}  // namespace

bool LogFile::is_current() const {
    std::string buffer;
    return log_->is_current() && log_->size_bytes() >= scanned_ &&
           (head_.empty() || piece(buffer, 0, head_.size()) == head_);
}

std::string_view LogFile::piece(std::string& buffer, std::uint64_t offset, std::size_t size) const {
    return log_->read(buffer, offset, size);
}

Task<void> LogFile::catch_up() {
    const auto executor = co_await boost::asio::this_coro::executor;
    std::string buffer;
    std::size_t since_yield = 0;
    for (;;) {
        const std::string_view text = piece(buffer, scanned_, piece_size_bytes);
        if (text.empty()) co_return;
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; ++at)
            if (++lines_ % lines_a_mark == 0) marks_.push_back(scanned_ + at + 1);
        if (scanned_ == 0) head_ = text.substr(0, head_bytes);
        scanned_ += text.size();
        ends_with_line_end_ = text.back() == '\n';
        since_yield += text.size();
        if (since_yield < turn_bytes) continue;
        since_yield = 0;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
}

std::uint64_t LogFile::offset_of(std::uint64_t line) const {
    const std::uint64_t index = line - 1;
    const std::size_t mark = std::min<std::size_t>(index / lines_a_mark, marks_.size() - 1);
    std::uint64_t left = index - mark * lines_a_mark;
    std::uint64_t offset = marks_[mark];
    std::string buffer;
    while (left > 0) {
        const std::string_view text = piece(buffer, offset, piece_size_bytes);
        if (text.empty()) return offset;
        std::size_t used = 0;
        while (left > 0) {
            const std::size_t end = text.find('\n', used);
            if (end == std::string_view::npos) {
                used = text.size();
                break;
            }
            used = end + 1;
            --left;
        }
        offset += used;
    }
    return offset;
}

std::vector<std::string> LogFile::window(std::uint64_t from, std::size_t count) const {
    std::vector<std::string> out;
    if (from == 0 || from > lines()) return out;
    std::uint64_t offset = offset_of(from);
    std::string buffer, line;
    const auto keep = [&line](std::string_view text) {
        if (line.size() < longest_line_bytes)
            line += text.substr(0, longest_line_bytes - line.size());
    };
    while (out.size() < count && offset < scanned_) {
        std::string_view text =
            piece(buffer, offset, std::min<std::uint64_t>(piece_size_bytes, scanned_ - offset));
        if (text.empty()) break;
        offset += text.size();
        while (!text.empty() && out.size() < count) {
            const std::size_t end = text.find('\n');
            keep(text.substr(0, end));
            if (end == std::string_view::npos) break;
            out.push_back(std::exchange(line, ""));
            text.remove_prefix(end + 1);
        }
    }
    if (out.size() < count && unended() && from + out.size() == lines()) out.push_back(line);
    return out;
}

Task<LogFile::Hits> LogFile::search(std::string text, std::uint64_t from, std::size_t limit) const {
    const auto executor = co_await boost::asio::this_coro::executor;
    const std::string wanted = small_letters(text);
    constexpr std::size_t lines_at_once = 2000;
    Hits found;
    std::size_t since_yield = 0;
    for (std::uint64_t line = std::max<std::uint64_t>(from, 1); line <= lines();) {
        const std::vector<std::string> some = window(line, lines_at_once);
        if (some.empty()) break;
        for (const std::string& each : some) {
            since_yield += each.size();
            if (small_letters(each).find(wanted) != std::string::npos) {
                if (found.hits.size() == limit) {
                    found.next_line = line;
                    co_return found;
                }
                found.hits.push_back({line, each});
            }
            ++line;
        }
        if (since_yield < turn_bytes) continue;
        since_yield = 0;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    co_return found;
}

std::shared_ptr<LogFile> LogFiles::get(const std::string& path) {
    const auto known = std::ranges::find(recent_, path, &LogFile::path);
    if (known != recent_.end()) {
        if ((*known)->is_current()) {
            recent_.splice(recent_.begin(), recent_, known);
            return recent_.front();
        }
        recent_.erase(known);
    }
    auto log = control_.open_log(path);
    if (log == nullptr) return nullptr;
    recent_.push_front(std::make_shared<LogFile>(path, std::move(log)));
    if (recent_.size() > most_recent) recent_.pop_back();
    return recent_.front();
}

}  // namespace bisectd::http
