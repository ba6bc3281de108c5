#pragma once
#include <boost/json.hpp>
#include <string>

namespace bisectd::tests {

/// What is wrong with a value in the eyes of a JSON schema: a path and a reason; empty: nothing.
/// Knows the words that our schemas use (type, properties, required, additionalProperties, items,
/// enum, anyOf, minimum, pattern of commit ids, $ref into `document`), and says so of any other.
std::string shape_fault(const boost::json::value& value, const boost::json::object& schema,
                        const boost::json::object& document, const std::string& path = "$");

}  // namespace bisectd::tests
