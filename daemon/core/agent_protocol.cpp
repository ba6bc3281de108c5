#include "core/agent_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

namespace bisectd {
namespace {

constexpr std::string_view line_start = "bisectd ";
constexpr std::size_t key_limit = 32;
constexpr std::size_t name_limit_bytes = 4096;  // PATH_MAX of Linux

/// Source: PROTOCOL.md, numbers fit 63 bits.
template <class Number>
constexpr Number biggest =
    sizeof(Number) == 8 ? static_cast<Number>(std::numeric_limits<std::int64_t>::max())
                        : std::numeric_limits<Number>::max();

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// The key=value pairs of one line, and the first thing found wrong while they are read.
class Fields {
  public:
    explicit Fields(std::string_view text) {
        while (!text.empty() && why_.empty()) {
            const std::size_t space = text.find(' ');
            add(text.substr(0, space));
            text = space == text.npos ? std::string_view{} : text.substr(space + 1);
        }
    }

    std::string text(std::string_view key) {
        const std::optional<std::string_view> raw = find(key);
        if (!raw) return {};
        std::optional<std::string> value = percent_decode(*raw, agent_line_limit_bytes);
        if (!value) blame(key, "is not percent-encoded text");
        return value ? std::move(*value) : std::string{};
    }

    /// A file, folder, id or name: not empty, no NUL, as long as a path may be.
    std::string name(std::string_view key) {
        std::string value = text(key);
        if (value.empty() || value.size() > name_limit_bytes ||
            value.find('\0') != std::string::npos)
            blame(key, "is no name");
        return value;
    }

    /// For keys that only some lines of a word have.
    std::string text_if_there(std::string_view key) { return has(key) ? text(key) : std::string{}; }

    std::string sha256(std::string_view key) {
        std::string value = text(key);
        if (value.size() != 64 || !std::all_of(value.begin(), value.end(), is_hex_digit))
            blame(key, "is no SHA-256 digest");
        return value;
    }

    template <class Number>
    Number number(std::string_view key, Number least = 0, Number most = biggest<Number>) {
        const std::optional<std::string_view> raw = find(key);
        if (!raw) return {};
        Number value{};
        const auto [stop, error] = std::from_chars(raw->data(), raw->data() + raw->size(), value);
        if (error == std::errc{} && stop == raw->data() + raw->size() && value >= least &&
            value <= most)
            return value;
        blame(key, "is no number in its range");
        return {};
    }

    bool flag(std::string_view key) { return number<int>(key, 0, 1) == 1; }

    void protocol() {
        if (number<std::uint64_t>("protocol") != 1) blame("protocol", "is not 1: update the agent");
    }

    bool has(std::string_view key) const { return place(key) != count_; }

    template <Worded E>
    E one_of(std::string_view key, E otherwise) {
        const std::optional<std::string_view> raw = find(key);
        if (!raw) return otherwise;
        const std::optional<E> value = from_word<E>(*raw);
        if (!value) blame(key, "is not one of its words");
        return value.value_or(otherwise);
    }

    const std::string& why() const { return why_; }

  private:
    void add(std::string_view field) {
        if (field.empty()) return;
        const std::size_t equals = field.find('=');
        if (equals == field.npos || equals == 0) return blame(field, "is not key=value");
        const std::string_view key = field.substr(0, equals);
        if (has(key)) return blame(key, "is there twice");
        if (count_ == pairs_.size()) return blame(key, "is one key too many");
        pairs_[count_++] = {key, field.substr(equals + 1)};
    }

    std::optional<std::string_view> find(std::string_view key) {
        const std::size_t at = place(key);
        if (at != count_) return pairs_[at].second;
        blame(key, "is missing");
        return std::nullopt;
    }

    std::size_t place(std::string_view key) const {
        std::size_t at = 0;
        while (at < count_ && pairs_[at].first != key) ++at;
        return at;
    }

    void blame(std::string_view key, std::string_view what) {
        if (!why_.empty()) return;
        // The key may be hostile: it goes encoded and cut into a text for people.
        why_ = percent_encode(key.substr(0, 40)) + " " + std::string(what);
    }

    std::array<std::pair<std::string_view, std::string_view>, key_limit> pairs_;
    std::size_t count_ = 0;
    std::string why_;
};

AgentRun read_run(Fields& fields) {
    AgentRun run;
    run.n = fields.number<std::uint64_t>("n", 1);
    run.exit = fields.number<int>("exit", 0, 255);
    run.signal = fields.number<int>("signal", 0, 127);
    run.ms = fields.number<std::uint64_t>("ms");
    run.timeout = fields.flag("timeout");
    run.seen = fields.one_of("seen", Seen::none);
    run.klog = fields.one_of("klog", KernelLog::none);
    run.output_bytes = fields.number<std::uint64_t>("output_bytes");
    run.at_ms = fields.number<std::uint64_t>("at_ms");
    return run;
}

AgentDone read_done(Fields& fields) {
    AgentDone done;
    done.id = fields.name("id");
    done.reason = fields.one_of("reason", DoneReason::broken);
    done.runs = fields.number<std::uint64_t>("runs");
    done.error = fields.text_if_there("error");
    done.rebooted = fields.has("rebooted") && fields.flag("rebooted");
    done.precondition = fields.text_if_there("precondition");
    if (fields.has("exit")) done.exit = fields.number<int>("exit", 0, 255);
    done.text = fields.text_if_there("text");
    return done;
}

AgentJobHeader read_job(Fields& fields) {
    fields.protocol();
    AgentJobHeader job;
    job.id = fields.name("id");
    job.boot_id = fields.text("boot_id");
    job.klog = fields.one_of("klog", KernelLogSource::unavailable);
    return job;
}

AgentVersion read_version(Fields& fields) {
    fields.protocol();
    return AgentVersion{fields.text("agent")};
}

// Braced lists are evaluated from left to right, so the first wrong key is the one that is named.
std::optional<AgentMessage> read_message(std::string_view word, Fields& f) {
    using u64 = std::uint64_t;
    if (word == "run") return read_run(f);
    if (word == "output") return AgentOutput{f.text("text")};
    if (word == "klog") return AgentKernelText{f.text("text")};
    if (word == "alive") return AgentAlive{f.number<u64>("runs"), f.number<u64>("uptime_s")};
    if (word == "version") return read_version(f);
    if (word == "fact") return AgentFact{f.name("name"), f.text("value")};
    if (word == "space") return AgentSpace{f.name("folder"), f.number<u64>("free_kib")};
    if (word == "digest")
        return AgentDigest{f.name("file"), f.sha256("sha256"), f.number<u64>("bytes")};
    if (word == "removed") return AgentRemoved{f.name("file")};
    if (word == "started") return AgentStarted{f.name("id"), f.flag("again")};
    if (word == "job") return read_job(f);
    if (word == "done") return read_done(f);
    if (word == "stopped") return AgentStopped{f.name("id"), f.flag("running")};
    if (word == "end") return AgentEnd{f.number<int>("status", 0, 255), f.text_if_there("error")};
    return std::nullopt;
}

}  // namespace

std::optional<AgentMessage> parse_agent_line(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.starts_with(line_start)) return std::nullopt;
    if (line.size() > agent_line_limit_bytes) return Malformed{"a line is longer than 8192 bytes"};
    line.remove_prefix(line_start.size());
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    Fields fields(space == line.npos ? std::string_view{} : line.substr(space + 1));
    std::optional<AgentMessage> message = read_message(word, fields);
    if (!message || fields.why().empty()) return message;
    return Malformed{std::string(word) + ": " + fields.why()};
}

}  // namespace bisectd
