#include "core/event.hpp"

namespace bisectd {

std::string_view kind(const Event& event) {
    return std::visit([](const auto& e) { return e.kind; }, event);
}

bool is_about_a_notice(const Event& event) {
    return std::holds_alternative<NoticeBegun>(event) || std::holds_alternative<NoticeEnded>(event);
}

}  // namespace bisectd
