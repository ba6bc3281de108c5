#include "tests/adapters/http/json_shape.hpp"

#include <algorithm>
#include <set>

#include "core/commit_id.hpp"

namespace bisectd::tests {
namespace {

namespace json = boost::json;

std::string type_fault(const json::value& value, std::string_view type, const std::string& path) {
    const bool fits =
        (type == "string" && value.is_string()) ||
        (type == "integer" && (value.is_int64() || value.is_uint64())) ||
        (type == "number" && value.is_number()) || (type == "boolean" && value.is_bool()) ||
        (type == "null" && value.is_null()) || (type == "array" && value.is_array()) ||
        (type == "object" && value.is_object());
    return fits ? "" : path + " is no " + std::string(type);
}

std::string object_fault(const json::object& value, const json::object& schema,
                         const json::object& document, const std::string& path) {
    const auto* properties = schema.if_contains("properties");
    if (const auto* required = schema.if_contains("required"))
        for (const json::value& name : required->as_array())
            if (!value.contains(name.as_string()))
                return path + " lacks " + std::string(name.as_string());
    for (const auto& part : value) {
        const std::string name(part.key());
        const auto* own =
            properties == nullptr ? nullptr : properties->as_object().if_contains(name);
        if (own != nullptr) {
            const std::string fault =
                shape_fault(part.value(), own->as_object(), document, path + "." + name);
            if (!fault.empty()) return fault;
        } else if (schema.contains("additionalProperties")) {
            return path + " has the undescribed part " + name;
        }
    }
    return "";
}

}  // namespace

std::string shape_fault(const json::value& value, const json::object& schema,
                        const json::object& document, const std::string& path) {
    static const std::set<std::string_view> known{
        "type",    "properties", "required", "additionalProperties", "items", "enum", "anyOf",
        "minimum", "pattern",    "$ref"};
    for (const auto& word : schema)
        if (!known.contains(word.key())) return path + ": unknown word " + std::string(word.key());
    if (const auto* reference = schema.if_contains("$ref")) {
        const std::string pointer = std::string(reference->as_string()).substr(1);
        boost::system::error_code error;
        const json::value whole(document);
        const json::value* found = whole.find_pointer(pointer, error);
        if (found == nullptr) return path + ": nothing at " + pointer;
        return shape_fault(value, found->as_object(), document, path);
    }
    if (const auto* choices = schema.if_contains("anyOf")) {
        std::string last;
        for (const json::value& choice : choices->as_array()) {
            last = shape_fault(value, choice.as_object(), document, path);
            if (last.empty()) return "";
        }
        return last;
    }
    if (const auto* type = schema.if_contains("type")) {
        const std::string fault = type_fault(value, type->as_string(), path);
        if (!fault.empty()) return fault;
    }
    if (const auto* words = schema.if_contains("enum"))
        if (std::ranges::find(words->as_array(), value) == words->as_array().end())
            return path + " is none of its words";
    if (schema.contains("pattern") && !value.as_string().empty() &&
        !CommitId::parse(std::string_view(value.as_string())))
        return path + " is no commit id";
    if (value.is_object()) return object_fault(value.as_object(), schema, document, path);
    if (value.is_array() && schema.contains("items"))
        for (std::size_t i = 0; i < value.as_array().size(); ++i) {
            const std::string fault = shape_fault(value.at(i), schema.at("items").as_object(),
                                                  document, path + "[" + std::to_string(i) + "]");
            if (!fault.empty()) return fault;
        }
    return "";
}

}  // namespace bisectd::tests
