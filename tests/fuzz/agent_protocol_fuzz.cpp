// Any bytes may come from a board. Beyond not crashing: what is parsed keeps its promises, and
// the encodings are each other's inverse.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/agent_protocol.hpp"
#include "core/error.hpp"

using namespace bisectd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto decoded = percent_decode(percent_encode(bytes), size);
    BISECTD_ASSERT(decoded == bytes);
    if (const auto value = percent_decode(bytes, 100)) BISECTD_ASSERT(value->size() <= 100);

    for (const std::string& line : {std::string(bytes), "bisectd " + std::string(bytes)}) {
        const auto message = parse_agent_line(line);
        if (!message) continue;
        if (const auto* run = std::get_if<AgentRun>(&*message)) {
            BISECTD_ASSERT(run->n >= 1 && run->exit >= 0 && run->exit <= 255);
            BISECTD_ASSERT(run->signal >= 0 && run->signal <= 127);
        }
        if (const auto* digest = std::get_if<AgentDigest>(&*message)) {
            BISECTD_ASSERT(digest->sha256.size() == 64 && !digest->file.empty());
        }
        if (const auto* output = std::get_if<AgentOutput>(&*message))
            BISECTD_ASSERT(output->text.size() <= agent_line_limit_bytes);
        if (const auto* wrong = std::get_if<Malformed>(&*message)) {
            BISECTD_ASSERT(!wrong->why.empty() && wrong->why.size() < 200);
            for (const char c : wrong->why) BISECTD_ASSERT(c >= ' ' && c < 0x7f);
        }
    }
    return 0;
}
