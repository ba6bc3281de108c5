#include "adapters/json/event_json.hpp"

#include <boost/json.hpp>
#include <utility>

#include "adapters/json/fields.hpp"

namespace bisectd {
namespace {

template <std::size_t... I>
Result<Event> read_event(std::string_view kind, const boost::json::value& json,
                         const std::string& where, std::index_sequence<I...>) {
    Result<Event> event = wrong_request(
        where, "its kind \"" + printable(kind.substr(0, 60)) +
                   "\" is unknown here: it was written by a newer bisectd; update this one");
    const auto read_as = [&event, &json, &where]<class T>(std::type_identity<T>) {
        JsonReader reader(where + " (" + std::string(T::kind) + ")");
        Result<T> value = reader.read<T>(json);
        if (value)
            event = Event(std::move(*value));
        else
            event = std::unexpected(value.error());
    };
    static_cast<void>(
        ((std::variant_alternative_t<I, Event>::kind == kind &&
          (read_as(std::type_identity<std::variant_alternative_t<I, Event>>{}), true)) ||
         ...));
    return event;
}

Result<Event> event_from(std::string_view kind, const boost::json::value& json,
                         const std::string& where) {
    return read_event(kind, json, where, std::make_index_sequence<std::variant_size_v<Event>>{});
}

}  // namespace

std::string record_json(const EventRecord& record) {
    boost::json::object object;
    object["seq"] = record.seq;
    object["bisection"] = record.bisection;
    object["at_ms_utc"] = record.at_ms_utc;
    object["kind"] = kind(record.event);
    object["body"] = std::visit([](const auto& e) { return to_json(e); }, record.event);
    return boost::json::serialize(object);
}

Result<EventRecord> record_from_json(std::string_view text) {
    boost::json::error_code error;
    const boost::json::value json = boost::json::parse(text, error);
    const boost::json::object* object = error ? nullptr : json.if_object();
    if (object == nullptr) return wrong_request("event", "it is no JSON object");
    const auto* kind_part = object->if_contains("kind");
    const auto* body = object->if_contains("body");
    if (kind_part == nullptr || !kind_part->is_string() || body == nullptr)
        return wrong_request("event", "it has no kind or no body");
    EventRecord record;
    const auto number = [object](std::string_view name, auto& out) {
        const auto* part = object->if_contains(name);
        boost::json::error_code wrong;
        if (part != nullptr) out = part->to_number<std::decay_t<decltype(out)>>(wrong);
    };
    number("seq", record.seq);
    number("bisection", record.bisection);
    number("at_ms_utc", record.at_ms_utc);
    Result<Event> event =
        event_from(kind_part->get_string(), *body, "event " + std::to_string(record.seq));
    if (!event) return std::unexpected(event.error());
    record.event = std::move(*event);
    record.body = boost::json::serialize(*body);
    return record;
}

}  // namespace bisectd
