#pragma once
#include <string>
#include <vector>

namespace bisectd::ctl {

/// An option, such as "--board NAME".
struct OptionWord {
    std::string name;  ///< with its dashes
    std::string what;  ///< one sentence, for people
    bool takes_value = false;
    bool repeats = false;
};

/// What stands behind a command without a name, such as an id.
struct Place {
    std::string name;
    std::vector<std::string> words;  ///< the only ones that are taken; empty: any
};

/// One command, and those below it.
struct CommandWord {
    std::string name;  ///< "boards resume"; of the whole program ""
    std::string what;
    std::vector<OptionWord> options;
    std::vector<Place> places;
    std::vector<CommandWord> commands;
};

/// Everything that bisectctl understands: read off the very grammar that reads the command line,
/// so what is made of it (completions, the test of the manual pages) never lags behind.
CommandWord command_line();

/// All commands below this one, in a row: "start", ..., "boards", "boards resume".
std::vector<const CommandWord*> all_commands(const CommandWord& program);

}  // namespace bisectd::ctl
