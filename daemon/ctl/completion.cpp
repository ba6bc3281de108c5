#include "ctl/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bisectd::ctl {
namespace {

constexpr const char* begin_text =
    "# Made by \"bisectctl completion {0}\" from what bisectctl understands.\n";

/// Finds the command, the option that waits for its value, and how many places are taken. Bash and
/// zsh read the same lines; `words` holds the words before the one that is completed.
std::string reading_lines(const CommandWord& program) {
    std::string value_options;
    std::string sub_commands;
    for (const OptionWord& option : program.options)
        if (option.takes_value) value_options += (value_options.empty() ? "" : "|") + option.name;
    for (const CommandWord* command : all_commands(program)) {
        for (const OptionWord& option : command->options)
            if (option.takes_value &&
                ("|" + value_options + "|").find("|" + option.name + "|") == std::string::npos)
                value_options += "|" + option.name;
        const std::size_t blank = command->name.rfind(' ');
        if (blank != std::string::npos)
            sub_commands += fmt::format("            '{}:{}') command='{}' ;;\n",
                                        command->name.substr(0, blank),
                                        command->name.substr(blank + 1), command->name);
    }
    return fmt::format(
        "    for word in \"${{before[@]}}\"; do\n"
        "        if [[ -n $option ]]; then option=''; continue; fi\n"
        "        case \"$command:$word\" in\n"
        "            *:--) place=$((place + 1)) ;;\n"
        "            *:-*) case $word in {}) option=$word ;; esac ;;\n"
        "            :*) command=$word ;;\n"
        "{}"
        "            *) place=$((place + 1)) ;;\n"
        "        esac\n"
        "    done\n",
        value_options, sub_commands);
}

std::string word_list(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : " ") + word;
    return list;
}

std::string names_below(const CommandWord& command) {
    std::vector<std::string> words;
    words.reserve(command.commands.size());
    for (const CommandWord& child : command.commands)
        words.push_back(child.name.substr(child.name.rfind(' ') + 1));
    return word_list(words);
}

/// Prints, a word a line, what may stand at "COMMAND:--", "COMMAND:PLACE" or behind an option.
std::string offering_function(const CommandWord& program) {
    std::string out = "_bisectctl_offer() {\n    case \"$1\" in\n";
    const auto arm = [&out](const std::string& key, const std::string& command) {
        if (!command.empty()) out += fmt::format("        '{}') {} ;;\n", key, command);
    };
    const auto arms_of = [&arm, &program](const CommandWord& command) {
        std::vector<std::string> options;
        for (const OptionWord& option : command.options) {
            options.push_back(option.name);
            if (option.takes_value)
                arm(command.name + ":" + option.name, source_of_words(option.name));
        }
        // What may be said anywhere.
        for (const OptionWord& option : program.options)
            if (std::ranges::find(options, option.name) == options.end())
                options.push_back(option.name);
        arm(command.name + ":-", "printf '%s\\n' " + word_list(options));
        for (std::size_t i = 0; i < command.places.size(); ++i) {
            const Place& place = command.places[i];
            arm(fmt::format("{}:{}", command.name, i),
                place.words.empty() ? source_of_words(place.name)
                                    : "printf '%s\\n' " + word_list(place.words));
        }
        if (!command.commands.empty())
            arm(command.name + ":0", "printf '%s\\n' " + names_below(command));
    };
    arms_of(program);
    for (const CommandWord* command : all_commands(program)) arms_of(*command);
    return out + "    esac\n}\n";
}

constexpr const char* key_lines =
    "    if [[ -n $option ]]; then key=\"$command:$option\"\n"
    "    elif [[ $current == -* ]]; then key=\"$command:-\"\n"
    "    else key=\"$command:$place\"\n"
    "    fi\n";

}  // namespace

bool means_a_file(const std::string& name) {
    return name == "--repo" || name == "--socket" || name == "file" || name == "paths";
}

std::string source_of_words(const std::string& name) {
    if (name == "--board" || name == "name") return "bisectctl names boards 2>/dev/null";
    if (name == "--recipe") return "bisectctl names recipes 2>/dev/null";
    if (name == "id") return "bisectctl names bisections 2>/dev/null";
    if (name == "--state")
        return "printf \"%s\\n\" open running paused parked culprit inconclusive wrong-range "
               "failed "
               "cancelled";
    if (name == "--good" || name == "--bad" || name == "--hint" || name == "commit")
        // A branch may be called "$(reboot)": only plain names are offered.
        return "git for-each-ref --format=\"%(refname:short)\" 2>/dev/null | "
               "grep -Ex \"[A-Za-z0-9][A-Za-z0-9._/+@-]*\"";
    return "";
}

std::string bash_completion(const CommandWord& program) {
    return fmt::format(begin_text, "bash") + offering_function(program) +
           "_bisectctl() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} command='' option='' place=0 key='' word\n"
           "    local -a before=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n" +
           reading_lines(program) + key_lines +
           "    COMPREPLY=()\n"
           "    # Not compgen -W: it would run what stands in a word.\n"
           "    while IFS= read -r word; do\n"
           "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$word\")\n"
           "    done < <(_bisectctl_offer \"$key\")\n"
           "}\n"
           "complete -o default -F _bisectctl bisectctl\n";
}

std::string zsh_completion(const CommandWord& program) {
    return "#compdef bisectctl\n" + fmt::format(begin_text, "zsh") + offering_function(program) +
           "_bisectctl() {\n"
           "    local current=${words[CURRENT]} command='' option='' place=0 key='' word\n"
           "    local -a before=(\"${(@)words[2,CURRENT-1]}\") offered\n" +
           reading_lines(program) + key_lines +
           "    offered=(${(f)\"$(_bisectctl_offer \"$key\")\"})\n"
           "    if (( ${#offered} )); then compadd -- \"${offered[@]}\"; else _files; fi\n"
           "}\n"
           "if [[ $funcstack[1] == _bisectctl ]]; then _bisectctl \"$@\"; else compdef _bisectctl "
           "bisectctl; fi\n";
}

}  // namespace bisectd::ctl
