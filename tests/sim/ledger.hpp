#pragma once
#include <map>
#include <string>
#include <vector>

namespace bisectd::sim {

/// What truly happened on the boards and in the workshop, for whoever checks what the daemon made
/// of it.
struct Ledger {
    struct Boot {
        std::string board;
        std::string build_id;
    };
    /// A job that was begun on a board; a board that lost its folder begins it anew.
    struct Job {
        std::string board;
        std::string boot_id;
        std::map<unsigned, int> exits;  ///< of the runs that it makes, if nothing ends it
    };
    std::map<std::string, Boot> boots;             ///< by boot id
    std::map<std::string, std::vector<Job>> jobs;  ///< by batch
    /// Rules that were broken and that only the world can see, a sentence each.
    std::vector<std::string> wrongs;
    unsigned builds_going = 0;
};

}  // namespace bisectd::sim
