#include "adapters/git/raw_changes.hpp"

namespace bisectd::git {
namespace {

/// No path of a tree comes near it. Unit: bytes.
constexpr std::size_t longest_word = std::size_t{1} << 20;

}  // namespace

void RawChanges::feed(std::string_view piece) {
    while (!piece.empty() && sound_) {
        const auto end = piece.find('\0');
        word_ += piece.substr(0, end);
        sound_ = word_.size() <= longest_word;
        if (end == std::string_view::npos) return;
        take(word_);
        word_.clear();
        piece.remove_prefix(end + 1);
    }
}

void RawChanges::take(std::string_view word) {
    if (status_ != 0) {
        sink_.change(word, status_);
        status_ = 0;
        return;
    }
    if (word.empty()) {
        sound_ = false;
        return;
    }
    if (word.front() == ':')
        status_ = word.back();
    else
        sink_.commit(word);
}

}  // namespace bisectd::git
