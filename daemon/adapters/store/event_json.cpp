#include "adapters/store/event_json.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>

#include "adapters/store/utf8.hpp"
#include "core/printable.hpp"
#include "core/words.hpp"

namespace bisectd::store {
namespace {

namespace json = boost::json;

struct Ignore {
    void operator()(const char*, const auto&) const {}
};
template <class T>
concept HasFields = requires(T& value) { T::fields(Ignore{}, value); };

// ---- encoding

/// Becomes false when something cannot be written as JSON.
struct Encoder {
    bool& good;
    json::object& object;

    template <class T>
    void operator()(const char* name, const T& value) const {
        object[name] = encoded(value);
    }
    json::value encoded(const std::string& text) const {
        return json::value(valid_utf8(text, text_limit));
    }
    json::value encoded(const CommitId& id) const { return json::value(id.hex()); }
    json::value encoded(bool value) const { return json::value(value); }
    json::value encoded(double value) const {
        if (!std::isfinite(value)) good = false;
        return json::value(value);
    }
    template <std::integral T>
    json::value encoded(T value) const {
        return json::value(value);
    }
    template <Worded T>
    json::value encoded(T value) const {
        return json::value(word(value));
    }
    template <class T>
    json::value encoded(const std::vector<T>& values) const {
        json::array array;
        array.reserve(values.size());
        for (const T& value : values) array.push_back(encoded(value));
        return array;
    }
    template <HasFields T>
    json::value encoded(const T& value) const {
        json::object inner;
        T::fields(Encoder{good, inner}, value);
        return inner;
    }
};

// ---- decoding

/// Reads the fields of one object. The first problem is kept in `problem`, as "field: what";
/// after it nothing is read any more.
struct Decoder {
    const json::object& object;
    const std::string path;  ///< "" or "request." or "runs[3]."
    std::string& problem;
    const bool older = false;  ///< the body is of an older version: fields may be missing

    template <class T>
    void operator()(const char* name, T& value) const {
        if (!problem.empty()) return;
        const json::value* found = object.if_contains(name);
        if (found != nullptr)
            read(path + name, *found, value);
        else if (!older)
            problem = path + name + ": is missing";
    }

    void refuse(const std::string& field, std::string_view what) const {
        if (problem.empty()) problem = fmt::format("{}: {}", field, what);
    }
    void read(const std::string& field, const json::value& from, std::string& value) const {
        const json::string* text = from.if_string();
        if (text == nullptr) return refuse(field, "should be a text");
        value.assign(text->data(), text->size());
    }
    void read(const std::string& field, const json::value& from, CommitId& value) const {
        const json::string* text = from.if_string();
        if (text == nullptr) return refuse(field, "should be a commit id");
        if (text->empty()) return;
        std::optional<CommitId> id = CommitId::parse({text->data(), text->size()});
        if (!id) return refuse(field, "should be a full commit id in hexadecimal digits");
        value = *id;
    }
    void read(const std::string& field, const json::value& from, bool& value) const {
        if (!from.is_bool()) return refuse(field, "should be true or false");
        value = from.get_bool();
    }
    void read(const std::string& field, const json::value& from, double& value) const {
        if (const std::int64_t* whole = from.if_int64())
            value = static_cast<double>(*whole);
        else if (const std::uint64_t* large = from.if_uint64())
            value = static_cast<double>(*large);
        else if (const double* real = from.if_double(); real != nullptr && std::isfinite(*real))
            value = *real;
        else
            refuse(field, "should be a number");
    }
    template <std::integral T>
    void read(const std::string& field, const json::value& from, T& value) const {
        const std::int64_t* whole = from.if_int64();
        const std::uint64_t* large = from.if_uint64();
        if (whole == nullptr && large == nullptr) return refuse(field, "should be a whole number");
        bool fits = whole ? std::in_range<T>(*whole) : std::in_range<T>(*large);
        if (!fits) return refuse(field, "is a number out of range");
        value = whole ? static_cast<T>(*whole) : static_cast<T>(*large);
    }
    template <Worded T>
    void read(const std::string& field, const json::value& from, T& value) const {
        const json::string* text = from.if_string();
        if (text == nullptr) return refuse(field, "should be a word");
        std::optional<T> known = from_word<T>({text->data(), text->size()});
        if (!known) return refuse(field, "has a word that is not known");
        value = *known;
    }
    template <class T>
    void read(const std::string& field, const json::value& from, std::vector<T>& values) const {
        const json::array* array = from.if_array();
        if (array == nullptr) return refuse(field, "should be a list");
        values.clear();
        values.reserve(array->size());
        for (const json::value& item : *array) {
            if (!problem.empty()) return;
            values.emplace_back();
            read(fmt::format("{}[{}]", field, values.size() - 1), item, values.back());
        }
    }
    template <HasFields T>
    void read(const std::string& field, const json::value& from, T& value) const {
        const json::object* inner = from.if_object();
        if (inner == nullptr) return refuse(field, "should be an object");
        T::fields(Decoder{*inner, field + ".", problem, older}, value);
    }
};

/// True when `kind` is that of one of the events; `event` then starts as one of it.
template <class... Kinds>
bool start_as(std::variant<Kinds...>& event, std::string_view kind) {
    bool found = false;
    auto consider = [&event, &found, kind]<class K>(std::type_identity<K>) {
        if (K::kind != kind) return;
        event = K{};
        found = true;
    };
    (consider(std::type_identity<Kinds>{}), ...);
    return found;
}

}  // namespace

Result<std::string> encode(const Event& event) {
    bool good = true;
    json::object object;
    std::visit([&good, &object]<class E>(const E& e) { E::fields(Encoder{good, object}, e); },
               event);
    std::string where = fmt::format("event {}", kind(event));
    if (!good) return std::unexpected(Error{ErrorKind::bug, where, "a number in it is not finite"});
    std::string body = json::serialize(object);
    if (body.size() > body_limit)
        return std::unexpected(
            Error{ErrorKind::bug, where, fmt::format("is larger than {} bytes", body_limit)});
    return body;
}

Result<Event> decode(std::uint64_t seq, std::string_view kind, std::int64_t version,
                     std::string_view body) {
    std::string shown_kind = printable(kind.substr(0, 64));
    std::string where = fmt::format("journal, event {} ({})", seq, shown_kind);
    Event event;
    if (!start_as(event, kind))
        return infrastructure(where,
                              "this kind of event is not known: it was written by a newer "
                              "bisectd, or the journal is damaged");
    if (version < 1 || version > event_version)
        return infrastructure(where, fmt::format("version {} is not known: it was written by a "
                                                 "newer bisectd, or the journal is damaged",
                                                 version));
    if (body.size() > body_limit)
        return infrastructure(where, fmt::format("body is larger than {} bytes", body_limit));
    json::parse_options options;
    options.max_depth = 8;
    json::error_code code;
    json::value value = json::parse({body.data(), body.size()}, code, {}, options);
    if (code) return infrastructure(where, "body is no valid JSON: " + code.message());
    const json::object* object = value.if_object();
    if (object == nullptr) return infrastructure(where, "body is no JSON object");
    std::string problem;
    const bool older = version < event_version;
    std::visit([object, &problem,
                older]<class E>(E& e) { E::fields(Decoder{*object, "", problem, older}, e); },
               event);
    if (!problem.empty()) return infrastructure(where, "field " + problem);
    return event;
}

}  // namespace bisectd::store
