// The journal outlives the program: what any earlier version wrote is read by this one. The file
// frozen_events holds a body of each kind as each version wrote it; a kind that gets a field
// without a new version fails here, with what to do.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "adapters/store/event_json.hpp"
#include "adapters/store/sqlite_journal.hpp"
#include "tests/adapters/store/scratch.hpp"

using namespace bisectd;
using bisectd::store::event_version;
namespace json = boost::json;

namespace {

/// A body as it stands in a journal.
struct Frozen {
    std::int64_t version = 0;
    std::string kind;
    std::string body;
};

std::vector<Frozen> frozen_events() {
    std::ifstream in(BISECTD_SOURCE "/tests/adapters/store/frozen_events");
    std::vector<Frozen> all;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
        all.push_back({std::stoll(line.substr(0, first)),
                       line.substr(first + 1, second - first - 1), line.substr(second + 1)});
    }
    REQUIRE(all.size() > std::variant_size_v<Event>);
    return all;
}

/// Gives each field a value that is not its default.
struct PlainFiller {
    std::size_t turn = 0;  ///< which word of a set

    void operator()(const char*, auto& value) const { fill(value); }
    void fill(std::string& value) const { value = "text"; }
    void fill(CommitId& value) const { value = *CommitId::parse(std::string(40, 'a')); }
    void fill(bool& value) const { value = true; }
    void fill(double& value) const { value = 0.5; }
    template <std::integral T>
    void fill(T& value) const {
        value = T{7};
    }
    template <Worded T>
    void fill(T& value) const {
        value = Words<T>::all[turn % Words<T>::all.size()].first;
    }
    template <class T>
    void fill(std::vector<T>& values) const {
        values.resize(1);
        fill(values.front());
    }
    template <class T>
        requires requires(T& value, const PlainFiller& filler) { T::fields(filler, value); }
    void fill(T& value) const {
        T::fields(*this, value);
    }
};

/// More than any set has.
constexpr std::size_t most_words = 12;

template <std::size_t... Index>
std::vector<Event> plain_events(std::size_t turn, std::index_sequence<Index...>) {
    std::vector<Event> events{Event(std::in_place_index<Index>)...};
    for (Event& event : events) std::visit([turn](auto& e) { PlainFiller{turn}.fill(e); }, event);
    return events;
}

/// One event of each kind.
std::vector<Event> plain_events(std::size_t turn = 0) {
    return plain_events(turn, std::make_index_sequence<std::variant_size_v<Event>>());
}

/// Calls `seen(path, value)` for each part that holds no others.
void for_each_leaf(const json::value& value, const std::string& path, const auto& seen) {
    if (const auto* object = value.if_object())
        for (const auto& [name, part] : *object)
            for_each_leaf(part, path + "." + std::string(name), seen);
    else if (const auto* array = value.if_array())
        for (const json::value& part : *array) for_each_leaf(part, path + "[]", seen);
    else
        seen(path, value);
}

/// The names of all fields, and whether each is a text, a number or a flag.
std::set<std::string> shape_of(const std::string& body) {
    std::set<std::string> shape;
    for_each_leaf(json::parse(body), "", [&shape](const std::string& path, const json::value& v) {
        shape.insert(path + (v.is_string() ? " text" : v.is_bool() ? " flag" : " number"));
    });
    return shape;
}

/// The texts of all fields, with their places: the words of sets are among them.
std::set<std::string> texts_of(const std::string& body) {
    std::set<std::string> texts;
    for_each_leaf(json::parse(body), "", [&texts](const std::string& path, const json::value& v) {
        if (v.is_string()) texts.insert(path + " " + std::string(v.get_string()));
    });
    return texts;
}

/// Catch would break it.
void tell_line(std::int64_t version, const std::string& name, const std::string& body) {
    std::cerr << "add this line at the end of tests/adapters/store/frozen_events:\n"
              << version << ' ' << name << ' ' << body << '\n';
}

/// As SQL wants a text.
std::string in_quotes(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\'');
    return "'" + text + "'";
}

}  // namespace

TEST_CASE("events: what any earlier version wrote is read, each field as it was", "[adapters]") {
    for (const Frozen& frozen : frozen_events()) {
        INFO("version " << frozen.version << ", " << frozen.kind << ": " << frozen.body);
        const Result<Event> event = store::decode(7, frozen.kind, frozen.version, frozen.body);
        INFO((event ? "" : describe(event.error())));
        REQUIRE(event);
        const std::string now = store::encode(*event).value();
        std::map<std::string, json::value> parts;
        for_each_leaf(json::parse(now), "",
                      [&parts](const std::string& path, const json::value& v) { parts[path] = v; });
        for_each_leaf(json::parse(frozen.body), "",
                      [&parts](const std::string& path, const json::value& before) {
                          INFO("field " << path);
                          CHECK(parts[path] == before);
                      });
    }
}

TEST_CASE("events: a kind that gets a field gets a new version", "[adapters]") {
    const std::vector<Frozen> all = frozen_events();
    std::int64_t newest = 0;
    std::map<std::string, Frozen> last;  // by kind
    for (const Frozen& frozen : all) {
        newest = std::max(newest, frozen.version);
        if (frozen.version >= last[frozen.kind].version) last[frozen.kind] = frozen;
    }
    REQUIRE(newest <= event_version);
    for (const Event& event : plain_events()) {
        const std::string name(kind(event)), body = store::encode(event).value();
        const Frozen& before = last[name];
        if (!before.body.empty() && shape_of(before.body) == shape_of(body)) continue;
        // A new kind may come into a version that was written already: no older body can have it.
        const bool must_rise = !before.body.empty() && newest == event_version;
        if (must_rise)
            WARN("raise event_version in daemon/adapters/store/event_json.hpp to " << newest + 1);
        tell_line(must_rise ? newest + 1 : event_version, name, body);
        FAIL_CHECK("the fields of \"" << name << "\" are not those that journals hold");
    }
}

TEST_CASE("events: from the third version on a kind has the same fields all through it",
          "[adapters]") {
    // In the second one kinds got fields five times: its bodies are read as those of older ones.
    std::map<std::pair<std::int64_t, std::string>, std::set<std::string>> shapes;
    for (const Frozen& frozen : frozen_events()) {
        if (frozen.version < 3) continue;
        const auto shape = shape_of(frozen.body);
        INFO("version " << frozen.version << ", " << frozen.kind << ": " << frozen.body
                        << "\na line of this file is never changed, and another one for the same "
                           "version has the same fields: raise event_version instead");
        CHECK(shapes.try_emplace({frozen.version, frozen.kind}, shape).first->second == shape);
    }
}

TEST_CASE("events: each word that can be written is frozen", "[adapters]") {
    std::map<std::string, std::set<std::string>> known;  // by kind
    for (const Frozen& frozen : frozen_events()) known[frozen.kind].merge(texts_of(frozen.body));
    for (std::size_t turn = 0; turn < most_words; ++turn)
        for (const Event& event : plain_events(turn)) {
            const std::string name(kind(event)), body = store::encode(event).value();
            bool is_new = false;
            for (const std::string& text : texts_of(body))
                is_new = known[name].insert(text).second || is_new;
            if (!is_new) continue;
            tell_line(event_version, name, body);
            FAIL_CHECK("\"" << name << "\" has a word that no journal holds");
        }
}

TEST_CASE("journal: one that every earlier version wrote to is opened and read", "[adapters]") {
    const test::Scratch scratch;
    const std::string file = scratch.file("journal.sqlite");
    const std::vector<Frozen> all = frozen_events();
    REQUIRE(SqliteJournal::open(file));
    std::string sql;
    for (const Frozen& frozen : all)
        sql += "INSERT INTO event(bisection, at_ms_utc, kind, version, body) VALUES(1, 1, " +
               in_quotes(frozen.kind) + ", " + std::to_string(frozen.version) + ", " +
               in_quotes(frozen.body) + ");\n";
    const test::ShellEnd inserted = test::sqlite3_shell(file, sql);
    INFO(inserted.text);
    REQUIRE(inserted.exit == 0);
    const auto journal = SqliteJournal::open(file);
    REQUIRE(journal);
    const auto records = (*journal)->read(1);
    INFO((records ? "" : describe(records.error())));
    REQUIRE(records);
    CHECK(records->size() == all.size());
    CHECK((*journal)->rebuild_projections());
    // And it goes on.
    CHECK((*journal)->append(1, 2, Noted{"later"}));
}
