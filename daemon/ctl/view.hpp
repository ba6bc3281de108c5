#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/terminal.hpp"

namespace bisectd::ctl {

// What the daemon answered, read without trust: a part that is missing or of another type is
// empty, and every text is made printable.

using Json = boost::json::object;

std::string text_of(const Json& object, std::string_view name);
std::uint64_t number_of(const Json& object, std::string_view name);
double seconds_of(const Json& object, std::string_view name);
/// A part that is an object; an empty one otherwise.
const Json& part_of(const Json& object, std::string_view name);
/// The objects of a list.
std::vector<const Json*> list_of(const Json& object, std::string_view name);
/// "a, b".
std::string texts_of(const Json& object, std::string_view name);
std::size_t list_size(const Json& object, std::string_view name);
/// The first 12 digits of a commit id.
std::string brief_of(const Json& object, std::string_view name);

/// "bad end", "proof of parent": the words of the API as a person reads them.
std::string purpose_of(const Json& step);

/// The steps without a verdict, oldest first.
std::vector<const Json*> open_steps(const Json& state);

/// "1,690 of 13,524 suspects left, 7 steps done, about 11 to go".
std::string narrowing(const Json& state);

/// What goes on, by board; "" is the controller, for no board yet.
using Places = std::map<std::string, Json>;
/// As the state tells it.
Places places_of(const Json& state);

/// The lines that say what goes on in a bisection right now: a header, then where one step is open
/// a line for each of build, upload, boot and runs, and where several are, on several boards, the
/// rung on which each stands.
std::vector<std::string> status_lines(const Json& state, const Places& places,
                                      const Terminal& terminal);

}  // namespace bisectd::ctl
