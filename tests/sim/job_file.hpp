#pragma once
#include <sstream>
#include <string>

#include "core/agent_protocol.hpp"

namespace bisectd::sim {

/// Reads what the daemon wrote into a job file, as the agent does ("The file job" in PROTOCOL.md).
inline AgentJob read_job(const std::string& text) {
    AgentJob job;
    job.stop_at_first_hit = false;
    job.runs = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        const std::string key = line.substr(0, equals);
        const std::string value = percent_decode(line.substr(equals + 1), 8192).value();
        if (key == "id") job.id = value;
        if (key == "command") job.command = value;
        if (key == "runs") job.runs = std::stoul(value);
        if (key == "stop_at_first_hit") job.stop_at_first_hit = value == "1";
        if (key == "precondition") job.preconditions.push_back(value);
        if (key != "stop_exits") continue;
        std::istringstream exits(value);
        for (int exit = 0; exits >> exit;) job.stop_exits.push_back(exit);
    }
    return job;
}

}  // namespace bisectd::sim
