#include "ctl/command_line.hpp"

#include "ctl/grammar.hpp"

namespace bisectd::ctl {
namespace {

/// The words of a check such as "{good,bad}"; CLI11 tells them as a text only.
std::vector<std::string> words_of(const std::string& type) {
    std::vector<std::string> words;
    const std::size_t open = type.find('{'), close = type.rfind('}');
    if (open == std::string::npos || close == std::string::npos) return words;
    std::string word;
    for (const char c : type.substr(open + 1, close - open - 1) + ",") {
        if (c != ',') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

CommandWord described_below(const CLI::App& app, const std::string& prefix) {
    CommandWord command;
    command.name = prefix + app.get_name();
    command.what = app.get_description();
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) {
            command.places.push_back({option->get_name(true), words_of(option->get_type_name())});
            continue;
        }
        OptionWord word;
        word.name = "--" + option->get_lnames().front();
        word.what = option->get_description();
        word.takes_value = option->get_items_expected_max() > 0;
        word.repeats = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll &&
                       word.takes_value;
        command.options.push_back(std::move(word));
    }
    const std::string below = command.name.empty() ? "" : command.name + " ";
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
        command.commands.push_back(described_below(*child, below));
    return command;
}

void add_commands_below(const CommandWord& command, std::vector<const CommandWord*>& all) {
    for (const CommandWord& child : command.commands) {
        all.push_back(&child);
        add_commands_below(child, all);
    }
}

}  // namespace

CommandWord described(const CLI::App& app) {
    CommandWord program = described_below(app, "");
    program.name.clear();
    return program;
}

std::vector<const CommandWord*> all_commands(const CommandWord& program) {
    std::vector<const CommandWord*> all;
    add_commands_below(program, all);
    return all;
}

}  // namespace bisectd::ctl
