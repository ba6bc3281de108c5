#include "core/bisect_log_text.hpp"

#include <algorithm>
#include <array>

#include "core/bisect_log_lines.hpp"

namespace bisectd {
namespace {

constexpr std::size_t longest_name_bytes = 256;
constexpr std::size_t most_verdicts = 10'000;
constexpr std::size_t most_paths = 256;

/// For a message: bounded, without control characters.
std::string shown(std::string_view text) {
    std::string out(text.substr(0, 80));
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    return "'" + out + "'";
}

std::unexpected<Error> wrong(std::size_t line, std::string what) {
    return wrong_request(bisect_log_place(line), std::move(what));
}

bool is_hex(std::string_view text) {
    return text.size() >= 4 && text.size() <= 64 &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string fault_of_name(std::string_view name) {
    if (name.empty()) return "a name is empty";
    if (name.size() > longest_name_bytes) return "a name is longer than 256 bytes";
    if (name.starts_with('-')) return shown(name) + " is an option, not a commit";
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(name, control)) return shown(name) + " has a control character in it";
    return "";
}

/// "# bad: [1a2b...] subject".
struct Remark {
    std::string word;
    std::string id;
    std::size_t line = 0;
};

std::optional<Remark> remark_of(const BisectLogLine& line) {
    const std::size_t colon = line.text.find(':');
    if (colon == std::string::npos) return std::nullopt;
    const std::size_t open = line.text.find_first_not_of(' ', colon + 1);
    if (open == std::string::npos || line.text[open] != '[') return std::nullopt;
    const std::size_t close = line.text.find(']', open);
    if (close == std::string::npos) return std::nullopt;
    Remark remark{line.text.substr(0, colon), line.text.substr(open + 1, close - open - 1),
                  line.number};
    if (!is_hex(remark.id)) return std::nullopt;
    return remark;
}

bool first_bad(std::string_view word) {
    return word.starts_with("first ") && word.ends_with(" commit");
}

/// Understands the lines one by one, as `git bisect replay` does.
class Reading {
  public:
    Result<void> take(const BisectLogLine& line) {
        if (line.comment) {
            if (auto remark = remark_of(line)) remember(std::move(*remark));
            return {};
        }
        auto words = bisect_log_words(line);
        const std::string verb = line.text.substr(0, line.text.find_first_of(" \t"));
        if (verb == "start") return words ? start(line, *words) : reject(words.error());
        if (ignored(verb)) return {};
        const auto verdict = verdict_of(verb);
        if (!verdict) return unknown_verb(line, verb);
        if (!words) return reject(words.error());
        return judge(line, *verdict, *words);
    }

    Result<BisectLogText> result() {
        if (!by_commands_)
            if (auto counted = count_remarks(); !counted) return std::unexpected(counted.error());
        if (said_.bad.name.empty())
            return wrong_request("git bisect log", "it names no " + said_.bad_word + " commit");
        if (said_.good.empty())
            return wrong_request("git bisect log", "it names no " + said_.good_word + " commit");
        return std::move(said_);
    }

  private:
    static Result<void> reject(Error error) { return std::unexpected(std::move(error)); }

    static bool ignored(std::string_view verb) {
        constexpr std::array verbs{"terms", "log",   "next",   "view", "visualize",
                                   "run",   "reset", "replay", "help"};
        return std::ranges::find(verbs, verb) != verbs.end();
    }

    void remember(Remark remark) {
        if (first_bad(remark.word)) {
            said_.culprit = named(remark.id, remark.line);
            return;
        }
        if (remark.word.starts_with("possible ")) return;
        remarks_.push_back(remark);
        pending_.push_back(std::move(remark));
    }

    static NamedCommit named(std::string name, std::size_t line) {
        NamedCommit commit{std::move(name), std::nullopt, line};
        commit.id = CommitId::parse(commit.name);
        return commit;
    }

    /// The verdict that a word means; the first of bad, good, new, old says which pair is used.
    std::optional<Verdict> verdict_of(std::string_view word) {
        if (word == "skip") return Verdict::skip;
        if (!words_fixed_ && (word == "new" || word == "old")) {
            said_.bad_word = "new";
            said_.good_word = "old";
        }
        if (word != said_.bad_word && word != said_.good_word) return std::nullopt;
        words_fixed_ = true;
        return word == said_.bad_word ? Verdict::bad : Verdict::good;
    }

    Result<void> unknown_verb(const BisectLogLine& line, const std::string& verb) const {
        // Prose may begin with "git bisect", too; a command has one commit behind its word.
        const std::size_t gap = line.text.find_first_of(" \t");
        const bool command = gap != std::string::npos && is_hex(line.text.substr(gap + 1));
        const bool term = verb == "good" || verb == "bad" || verb == "old" || verb == "new";
        if (!command && !term) return {};
        return wrong(line.number, shown(verb) + " is no word of this bisection, which says " +
                                      shown(said_.bad_word) + " and " + shown(said_.good_word) +
                                      "; other words need git bisect start --term-new --term-old");
    }

    /// What `start` was given, without its options.
    struct Started {
        std::vector<std::string> revisions;
        bool paths_follow = false;
    };

    Result<void> set_term(const BisectLogLine& line, std::string_view option,
                          const std::string& word) {
        constexpr std::array taken{"help", "start",  "skip", "next", "reset", "visualize",
                                   "view", "replay", "log",  "run",  "terms"};
        const auto odd = [](char c) { return c <= ' ' || c > '~' || c == ':' || c == '['; };
        if (word.empty() || word.size() > 64 || std::ranges::any_of(word, odd) ||
            std::ranges::find(taken, word) != taken.end())
            return wrong(line.number, shown(word) + " cannot be a term");
        const bool bad = option == "--term-bad" || option == "--term-new";
        (bad ? said_.bad_word : said_.good_word) = word;
        words_fixed_ = true;
        return {};
    }

    Result<Started> options(const BisectLogLine& line, const std::vector<std::string>& words) {
        Started started;
        for (std::size_t i = 1; i < words.size(); ++i) {
            const std::string& word = words[i];
            const std::string option = word.substr(0, word.find('='));
            if (started.paths_follow) {
                said_.paths.push_back(word);
            } else if (word == "--") {
                started.paths_follow = true;
            } else if (word == "--first-parent") {
                said_.first_parent = true;
            } else if (word == "--no-checkout") {
                continue;  // how git tests, not what it found
            } else if (option.starts_with("--term-")) {
                constexpr std::array known{"--term-bad", "--term-new", "--term-good", "--term-old"};
                if (std::ranges::find(known, option) == known.end())
                    return wrong(line.number, "unknown option " + shown(word));
                if (option == word && i + 1 == words.size())
                    return wrong(line.number, option + " needs a word");
                auto set = set_term(line, option,
                                    option == word ? words[++i] : word.substr(option.size() + 1));
                if (!set) return std::unexpected(set.error());
            } else if (word.starts_with("--")) {
                return wrong(line.number, "unknown option " + shown(word));
            } else {
                started.revisions.push_back(word);
            }
        }
        return started;
    }

    /// A start begins anew, as it does for git. Its comments stand before it, one a revision.
    Result<void> start(const BisectLogLine& line, const std::vector<std::string>& words) {
        const std::vector<Remark> told = std::move(pending_);
        said_ = {};
        pending_.clear();
        remarks_ = told;
        words_fixed_ = by_commands_ = false;
        auto started = options(line, words);
        if (!started) return std::unexpected(started.error());
        if (said_.bad_word == said_.good_word)
            return wrong(line.number, "both terms are " + shown(said_.bad_word));
        std::vector<std::string>& revisions = started->revisions;
        // Git writes a comment for each revision; what has none is a path.
        while (!started->paths_follow && !told.empty() && revisions.size() > told.size()) {
            said_.paths.insert(said_.paths.begin(), revisions.back());
            revisions.pop_back();
        }
        if (said_.paths.size() > most_paths)
            return wrong(line.number, "it has more than 256 paths");
        if (!revisions.empty()) words_fixed_ = true;  // git names its references now
        for (std::size_t i = 0; i < revisions.size(); ++i) {
            NamedCommit commit = named(revisions[i], line.number);
            if (told.size() == revisions.size()) commit.id = CommitId::parse(told[i].id);
            auto added = add(i == 0 ? Verdict::bad : Verdict::good, std::move(commit), true);
            if (!added) return added;
            by_commands_ = true;
        }
        return {};
    }

    Result<void> judge(const BisectLogLine& line, Verdict verdict,
                       const std::vector<std::string>& words) {
        by_commands_ = true;
        if (words.size() < 2)
            return wrong(line.number, "it does not say which commit; `git bisect log` does");
        for (std::size_t i = 1; i < words.size(); ++i) {
            NamedCommit commit = named(words[i], line.number);
            const Remark* told = pending_.empty() ? nullptr : &pending_.back();
            const bool same =
                told != nullptr && words.size() == 2 &&
                (is_hex(words[i]) ? told->id.starts_with(words[i]) : told->word == words.front());
            if (same && !commit.id) commit.id = CommitId::parse(told->id);
            if (auto added = add(verdict, std::move(commit)); !added) return added;
        }
        pending_.clear();
        return {};
    }

    /// `end`: of the range, as all that `start` is given.
    Result<void> add(Verdict verdict, NamedCommit commit, bool end = false) {
        std::string since;
        const std::size_t line = commit.line;
        if (const std::size_t dots = commit.name.find(".."); dots != std::string::npos) {
            if (verdict != Verdict::skip)
                return wrong(line, shown(commit.name) + " is a range; only skip takes one");
            since = commit.name.substr(0, dots);
            commit = named(commit.name.substr(dots + 2), line);
            if (const std::string fault = fault_of_name(since); !fault.empty())
                return wrong(line, fault);
        }
        if (const std::string fault = fault_of_name(commit.name); !fault.empty())
            return wrong(line, fault);
        const bool both_known = !said_.bad.name.empty() && !said_.good.empty();
        if (verdict == Verdict::bad && said_.bad.name.empty())
            said_.bad = std::move(commit);
        else if (verdict == Verdict::good && (end || !both_known))
            said_.good.push_back(std::move(commit));
        else
            said_.verdicts.push_back({verdict, std::move(commit), std::move(since)});
        if (said_.verdicts.size() + said_.good.size() > most_verdicts)
            return wrong(line, "more than 10,000 commits are named");
        return {};
    }

    /// Of a log whose commands were lost.
    Result<void> count_remarks() {
        const std::vector<Remark> remarks = std::move(remarks_);
        for (const Remark& remark : remarks) {
            const auto verdict = verdict_of(remark.word);
            if (!verdict)
                return wrong(remark.line,
                             shown(remark.word) +
                                 " is neither good nor bad here, and the line git bisect start "
                                 "that says what it means is missing");
            auto added = add(*verdict, named(remark.id, remark.line));
            if (!added) return added;
        }
        return {};
    }

    BisectLogText said_;
    std::vector<Remark> remarks_;  ///< all since the last start, and those just before it
    std::vector<Remark> pending_;  ///< since the last command
    bool words_fixed_ = false;
    bool by_commands_ = false;  ///< a command named a commit: comments do not count
};

}  // namespace

Result<BisectLogText> parse_bisect_log(std::string_view text) {
    if (text.size() > bisect_log_limit_bytes)
        return wrong_request("git bisect log", "it is longer than 200 KiB");
    auto lines = bisect_log_lines(text);
    if (!lines) return std::unexpected(lines.error());
    Reading reading;
    for (const BisectLogLine& line : *lines)
        if (auto taken = reading.take(line); !taken) return std::unexpected(taken.error());
    return reading.result();
}

}  // namespace bisectd
