#include <fmt/format.h>

#include <algorithm>

#include "ctl/completion.hpp"

namespace bisectd::ctl {
namespace {

/// In single quotes of fish, where only quotes and backslashes mean anything.
std::string fish_quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string condition_of(const CommandWord& command) {
    std::string condition;
    for (std::size_t at = 0; at < command.name.size();) {
        const std::size_t end = std::min(command.name.find(' ', at), command.name.size());
        condition += (condition.empty() ? "" : "; and ") +
                     std::string("__fish_seen_subcommand_from ") +
                     command.name.substr(at, end - at);
        at = end + 1;
    }
    return condition;
}

std::string option_line(const CommandWord& command, const OptionWord& option) {
    std::string line = "complete -c bisectctl";
    if (!command.name.empty()) line += " -n " + fish_quoted(condition_of(command));
    line += " -l " + option.name.substr(2) + " -d " + fish_quoted(option.what);
    if (!option.takes_value) return line + "\n";
    line += means_a_file(option.name) ? " -rF" : " -xr";
    const std::string source = source_of_words(option.name);
    if (!source.empty()) line += " -a " + fish_quoted("(" + source + ")");
    return line + "\n";
}

std::string lines_of(const CommandWord& command) {
    std::string out;
    for (const OptionWord& option : command.options) out += option_line(command, option);
    for (const Place& place : command.places) {
        std::string words;
        for (const std::string& word : place.words) words += (words.empty() ? "" : " ") + word;
        const std::string source = source_of_words(place.name);
        if (words.empty() && !source.empty()) words = "(" + source + ")";
        if (words.empty() && !means_a_file(place.name)) continue;
        out += "complete -c bisectctl -n " + fish_quoted(condition_of(command));
        out += words.empty() ? " -F\n" : " -a " + fish_quoted(words) + "\n";
    }
    return out;
}

}  // namespace

std::string fish_completion(const CommandWord& program) {
    std::string out =
        "# Made by \"bisectctl completion fish\" from what bisectctl understands.\n"
        "complete -c bisectctl -f\n" +
        lines_of(program);
    for (const CommandWord* command : all_commands(program)) {
        const std::size_t blank = command->name.rfind(' ');
        const std::string word = command->name.substr(blank == std::string::npos ? 0 : blank + 1);
        const std::string where = blank == std::string::npos ? "__fish_use_subcommand"
                                                             : "__fish_seen_subcommand_from " +
                                                                   command->name.substr(0, blank);
        out += fmt::format("complete -c bisectctl -n {} -a {} -d {}\n", fish_quoted(where), word,
                           fish_quoted(command->what));
        out += lines_of(*command);
    }
    return out;
}

}  // namespace bisectd::ctl
