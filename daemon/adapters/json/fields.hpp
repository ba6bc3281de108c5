#pragma once
#include <boost/json.hpp>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "adapters/json/text.hpp"
#include "core/commit_id.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

// Any value that names its parts with `fields(visit, self)` goes to JSON and back with these.

namespace bisectd {

struct NoVisit {
    void operator()(std::string_view, auto&) const {}
};
template <class T>
concept HasFields = requires(T& value) { T::fields(NoVisit{}, value); };

inline boost::json::value to_json(const std::string& text) {
    return boost::json::string(valid_utf8(text));
}
inline boost::json::value to_json(const CommitId& id) {
    return boost::json::string(id.hex());
}
template <class T>
    requires std::is_arithmetic_v<T>
boost::json::value to_json(T number) {
    // JSON has no word for infinity; a duration that is none is shown as 0.
    if constexpr (std::floating_point<T>) {
        return std::isfinite(number) ? static_cast<double>(number) : 0.0;
    } else {
        return number;
    }
}
template <Worded E>
boost::json::value to_json(E value) {
    return boost::json::string(word(value));
}
template <HasFields T>
boost::json::value to_json(const T& value);
/// Nothing is null.
template <class T>
boost::json::value to_json(const std::optional<T>& value) {
    return value ? to_json(*value) : boost::json::value(nullptr);
}
template <Worded E, class T>
boost::json::value to_json(const std::map<E, T>& values) {
    boost::json::object object;
    for (const auto& [key, value] : values) object[word(key)] = to_json(value);
    return object;
}
template <class T>
boost::json::value to_json(const std::vector<T>& values) {
    boost::json::array array;
    array.reserve(values.size());
    for (const T& value : values) array.push_back(to_json(value));
    return array;
}
template <HasFields T>
boost::json::value to_json(const T& value) {
    boost::json::object object;
    T::fields([&object](std::string_view name, const auto& part) { object[name] = to_json(part); },
              value);
    return object;
}

/// Reads values back. A part that is missing keeps its default (older versions had fewer), a part
/// that nobody knows is passed over; a part of the wrong type is an error that names its path.
class JsonReader {
  public:
    /// `where`: what is read, such as "event 17".
    explicit JsonReader(std::string where) : where_(std::move(where)) {}

    /// Errors: request, with the path of the first part that does not fit.
    template <class T>
    Result<T> read(const boost::json::value& json) {
        T value{};
        take(json, value, "");
        if (!wrong_.empty()) return wrong_request(where_, wrong_);
        return value;
    }

  private:
    void complain(const std::string& path, std::string_view wanted) {
        if (wrong_.empty())
            wrong_ = (path.empty() ? std::string("it") : path) + " must be " + std::string(wanted);
    }
    void take(const boost::json::value& json, std::string& out, const std::string& path) {
        if (const auto* text = json.if_string())
            out = std::string(*text);
        else
            complain(path, "a text");
    }
    void take(const boost::json::value& json, CommitId& out, const std::string& path) {
        const auto* text = json.if_string();
        if (text != nullptr && text->empty()) return;
        const auto id = text == nullptr ? std::nullopt : CommitId::parse(*text);
        if (id)
            out = *id;
        else
            complain(path, "a full commit id");
    }
    void take(const boost::json::value& json, bool& out, const std::string& path) {
        if (const auto* flag = json.if_bool())
            out = *flag;
        else
            complain(path, "true or false");
    }
    template <std::integral I>
    void take(const boost::json::value& json, I& out, const std::string& path) {
        boost::json::error_code error;
        const I number = json.to_number<I>(error);
        if (error || json.is_double())
            complain(path, "a whole number in its limits");
        else
            out = number;
    }
    void take(const boost::json::value& json, double& out, const std::string& path) {
        boost::json::error_code error;
        const double number = json.to_number<double>(error);
        if (error)
            complain(path, "a number");
        else
            out = number;
    }
    template <Worded E>
    void take(const boost::json::value& json, E& out, const std::string& path) {
        const auto* text = json.if_string();
        const auto value = text == nullptr ? std::nullopt : from_word<E>(*text);
        if (value)
            out = *value;
        else
            complain(path, "one of its words");
    }
    template <class T>
    void take(const boost::json::value& json, std::vector<T>& out, const std::string& path) {
        const auto* array = json.if_array();
        if (array == nullptr) return complain(path, "a list");
        out.reserve(array->size());
        for (const auto& entry : *array) take(entry, out.emplace_back(), path + "[]");
    }
    template <HasFields T>
    void take(const boost::json::value& json, T& out, const std::string& path) {
        const auto* object = json.if_object();
        if (object == nullptr) return complain(path, "an object");
        T::fields(
            [this, object, &path](std::string_view name, auto& part) {
                if (const auto* json_part = object->if_contains(name))
                    this->take(*json_part, part,
                               path.empty() ? std::string(name) : path + "." + std::string(name));
            },
            out);
    }

    std::string where_;
    std::string wrong_;
};

}  // namespace bisectd
