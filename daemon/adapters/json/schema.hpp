#pragma once
#include <boost/json.hpp>
#include <string>
#include <type_traits>

#include "adapters/json/fields.hpp"

// The JSON schema of a value that goes to JSON with `to_json`: from the same list of its parts.

namespace bisectd {

template <class T>
struct SchemaOf;

template <class T>
boost::json::object schema_of() {
    return SchemaOf<T>::schema();
}

template <>
struct SchemaOf<std::string> {
    static boost::json::object schema() { return {{"type", "string"}}; }
};
template <>
struct SchemaOf<bool> {
    static boost::json::object schema() { return {{"type", "boolean"}}; }
};
template <>
struct SchemaOf<CommitId> {
    static boost::json::object schema() {
        return {{"type", "string"}, {"pattern", "^([0-9a-f]{40}|[0-9a-f]{64})?$"}};
    }
};
template <std::integral T>
struct SchemaOf<T> {
    static boost::json::object schema() { return {{"type", "integer"}}; }
};
template <std::floating_point T>
struct SchemaOf<T> {
    static boost::json::object schema() { return {{"type", "number"}}; }
};
template <Worded E>
struct SchemaOf<E> {
    static boost::json::object schema() {
        boost::json::array words;
        for (const auto& [value, text] : Words<E>::all) words.emplace_back(text);
        return {{"type", "string"}, {"enum", std::move(words)}};
    }
};
template <class T>
struct SchemaOf<std::vector<T>> {
    static boost::json::object schema() { return {{"type", "array"}, {"items", schema_of<T>()}}; }
};
template <class T>
struct SchemaOf<std::optional<T>> {
    static boost::json::object schema() {
        return {{"anyOf", boost::json::array{schema_of<T>(), {{"type", "null"}}}}};
    }
};
template <Worded E, class T>
struct SchemaOf<std::map<E, T>> {
    static boost::json::object schema() {
        boost::json::object properties;
        for (const auto& [value, text] : Words<E>::all) properties[text] = schema_of<T>();
        return {{"type", "object"},
                {"properties", std::move(properties)},
                {"additionalProperties", false}};
    }
};
/// Every part is there in what is written, and nothing else.
template <HasFields T>
struct SchemaOf<T> {
    static boost::json::object schema() {
        boost::json::object properties;
        boost::json::array required;
        T example{};
        T::fields(
            [&properties, &required](std::string_view name, const auto& part) {
                properties[name] = schema_of<std::decay_t<decltype(part)>>();
                required.emplace_back(name);
            },
            example);
        return {{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)},
                {"additionalProperties", false}};
    }
};

}  // namespace bisectd
