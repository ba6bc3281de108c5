#include "core/event.hpp"

namespace bisectd {

std::string_view kind(const Event& event) {
    return std::visit([](const auto& e) { return e.kind; }, event);
}

}  // namespace bisectd
