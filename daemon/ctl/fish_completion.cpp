#include <fmt/format.h>

#include <set>

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

/// A function that says whether the word being written stands at "COMMAND:PLACE", or anywhere in
/// "COMMAND". Options and their values take no place.
std::string place_function(const CommandWord& program) {
    std::set<std::string> value_options;
    std::string sub_commands;
    const auto note = [&value_options](const CommandWord& command) {
        for (const OptionWord& option : command.options)
            if (option.takes_value) value_options.insert(option.name);
    };
    note(program);
    for (const CommandWord* command : all_commands(program)) {
        note(*command);
        const std::size_t blank = command->name.rfind(' ');
        if (blank == std::string::npos) continue;
        sub_commands += fmt::format("            case '{}:{}'\n                set command '{}'\n",
                                    command->name.substr(0, blank), command->name.substr(blank + 1),
                                    command->name);
    }
    std::string patterns;
    for (const std::string& name : value_options) patterns += " '*:" + name + "'";
    return "function __bisectctl_at\n"
           "    set -l command ''\n"
           "    set -l place 0\n"
           "    set -l value no\n"
           "    for word in (commandline -opc)[2..-1]\n"
           "        if test $value = yes\n"
           "            set value no\n"
           "            continue\n"
           "        end\n"
           "        switch \"$command:$word\"\n"
           "            case '*:--'\n"
           "                set place (math $place + 1)\n"
           "            case" +
           patterns +
           "\n"
           "                set value yes\n"
           "            case '*:-*'\n"
           "            case ':*'\n"
           "                set command $word\n" +
           sub_commands +
           "            case '*'\n"
           "                set place (math $place + 1)\n"
           "        end\n"
           "    end\n"
           "    contains -- $argv[1] \"$command:$place\" \"$command\"\n"
           "end\n";
}

std::string condition(const std::string& where) {
    return " -n " + fish_quoted("__bisectctl_at \"" + where + "\"");
}

std::string option_line(const CommandWord& command, const OptionWord& option) {
    std::string line = "complete -c bisectctl";
    if (!command.name.empty()) line += condition(command.name);
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
    for (std::size_t i = 0; i < command.places.size(); ++i) {
        const Place& place = command.places[i];
        std::string words;
        for (const std::string& word : place.words) words += (words.empty() ? "" : " ") + word;
        const std::string source = source_of_words(place.name);
        if (words.empty() && !source.empty()) words = "(" + source + ")";
        if (words.empty() && !means_a_file(place.name)) continue;
        out += "complete -c bisectctl" + condition(fmt::format("{}:{}", command.name, i));
        out += words.empty() ? " -F\n" : " -a " + fish_quoted(words) + "\n";
    }
    return out;
}

}  // namespace

std::string fish_completion(const CommandWord& program) {
    std::string out = "# Made by \"bisectctl completion fish\" from what bisectctl understands.\n" +
                      place_function(program) + "complete -c bisectctl -f\n" + lines_of(program);
    for (const CommandWord* command : all_commands(program)) {
        const std::size_t blank = command->name.rfind(' ');
        const std::string word = command->name.substr(blank == std::string::npos ? 0 : blank + 1);
        const std::string above = command->name.substr(0, blank == std::string::npos ? 0 : blank);
        out += fmt::format("complete -c bisectctl{} -a {} -d {}\n", condition(above + ":0"), word,
                           fish_quoted(command->what));
        out += lines_of(*command);
    }
    return out;
}

}  // namespace bisectd::ctl
