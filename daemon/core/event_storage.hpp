#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/commit_id.hpp"

namespace bisectd {

// What happens to the disks that everything is kept on.

/// There is too little free space: this bisection begins nothing new until there is more. It goes
/// on by itself then.
struct SpaceRanOut {
    static constexpr std::string_view kind = "space_ran_out";
    std::string ask;     ///< a sentence: where, how little, and what a person can do
    bool first = false;  ///< of all bisections that wait for it: people are told once
    static void fields(auto&& visit, auto& self) {
        visit("ask", self.ask);
        visit("first", self.first);
    }
};

/// There is space again.
struct SpaceReturned {
    static constexpr std::string_view kind = "space_returned";
    static void fields(auto&&, auto&) {}
};

/// An artefact is not in the store any more: it is built again when it is wanted again. An event of
/// the farm, of no bisection.
struct ArtefactEvicted {
    static constexpr std::string_view kind = "artefact_evicted";
    std::string key;
    CommitId commit;  ///< it was built for first
    std::uint64_t bytes = 0;
    std::string why;
    static void fields(auto&& visit, auto& self) {
        visit("key", self.key);
        visit("commit", self.commit);
        visit("bytes", self.bytes);
        visit("why", self.why);
    }
};

/// The logs of a bisection that has ended are not there any more.
struct LogsEvicted {
    static constexpr std::string_view kind = "logs_evicted";
    std::uint64_t bytes = 0;
    std::string why;
    static void fields(auto&& visit, auto& self) {
        visit("bytes", self.bytes);
        visit("why", self.why);
    }
};

}  // namespace bisectd
