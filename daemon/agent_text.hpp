#pragma once
#include <string_view>

namespace bisectd {

/// agents/bisectd-agent, as it was when the daemon was built.
std::string_view agent_text();

}  // namespace bisectd
