#include "core/c_text.hpp"

#include <algorithm>
#include <array>

namespace bisectd {
namespace {

/// Reads the text and keeps what counts.
class Stripper {
  public:
    explicit Stripper(std::string_view text) : text_(text) {}

    std::string stripped() {
        kept_.reserve(text_.size());
        while (at_ < text_.size()) step();
        end_line();
        return std::move(kept_);
    }

  private:
    char now() const { return text_[at_]; }
    char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

    void step() {
        const char c = now();
        if (c == '/' && next() == '*') return skip_block();
        if (c == '/' && next() == '/') return skip_line();
        if (c == '"' || c == '\'') return keep_literal(c);
        ++at_;
        if (c == '\n') return end_line();
        if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
            blank_ = true;
            return;
        }
        keep(c);
    }

    void keep(char c) {
        // At the start of a line blanks mean nothing.
        if (blank_ && !kept_.empty() && kept_.back() != '\n') kept_ += ' ';
        blank_ = false;
        kept_ += c;
    }

    void end_line() {
        blank_ = false;
        if (!kept_.empty() && kept_.back() != '\n') kept_ += '\n';
    }

    /// A comment is a blank; the lines in it are no ends of a directive.
    void skip_block() {
        const auto end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
        blank_ = true;
    }

    /// Up to the end of the line, which stays; a backslash at the end carries the comment on.
    void skip_line() {
        for (; at_ < text_.size() && now() != '\n'; ++at_)
            if (now() == '\\' && next() == '\n') ++at_;
        blank_ = true;
    }

    /// Up to its end; one that has none ends with its line, as in the words of an #error.
    void keep_literal(char quote) {
        keep(quote);
        for (++at_; at_ < text_.size() && now() != '\n'; ++at_) {
            kept_ += now();
            if (now() == '\\' && at_ + 1 < text_.size()) {
                kept_ += next();
                ++at_;
            } else if (now() == quote) {
                ++at_;
                return;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool blank_ = false;
    std::string kept_;
};

}  // namespace

std::string without_comments(std::string_view text) {
    return Stripper(text).stripped();
}

bool has_c_comments(std::string_view path) {
    constexpr std::array<std::string_view, 5> ends{".c", ".h", ".S", ".dts", ".dtsi"};
    return std::ranges::any_of(ends, [path](auto end) { return path.ends_with(end); });
}

}  // namespace bisectd
