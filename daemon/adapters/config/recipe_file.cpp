#include "adapters/config/recipe_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "adapters/config/checks.hpp"
#include "adapters/config/folder_digest.hpp"
#include "adapters/config/patterns.hpp"
#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

constexpr std::chrono::seconds one_second{1};

/// "patch-id:" is followed by what `git patch-id` prints: a SHA-1, for mirrors have no other ids.
void check_condition(const Section& patch, std::string_view text) {
    constexpr std::string_view prefix = "patch-id:";
    if (!text.starts_with(prefix)) return;
    std::string_view hex = text.substr(prefix.size());
    if (hex.size() != 40 || !build_id_problem(hex).empty())
        patch.refuse("when", fmt::format("'when' should have 40 lower-case hexadecimal digits "
                                         "after \"patch-id:\": '{}'",
                                         shown(hex)));
}

PatchCondition read_condition(const Section& patch) {
    PatchCondition condition;
    if (!patch.has("when")) return condition;
    if (!patch.holds_table("when")) {
        if (patch.text("when") != "always")
            patch.refuse("when",
                         "'when' should be \"always\" or a table such as "
                         "{ has = \"COMMIT\", lacks = \"COMMIT\" }");
        return condition;
    }
    Section when = patch.section("when", {"has", "lacks"});
    if (when.has("has")) condition.has = when.needed_text("has");
    if (when.has("lacks")) condition.lacks = when.needed_text("lacks");
    if (!condition.has && !condition.lacks)
        patch.refuse("when", "'when' has neither 'has' nor 'lacks'; write when = \"always\"");
    check_condition(patch, condition.has.value_or(""));
    check_condition(patch, condition.lacks.value_or(""));
    return condition;
}

Patch read_patch(const Section& section, const std::string& folder) {
    Patch patch;
    patch.file = section.text("file");
    patch.commit = section.text("commit");
    if (patch.file.empty() == patch.commit.empty())
        section.refuse("commit", "a [[patch]] has either a 'file' or a 'commit'");
    if (!patch.file.empty()) need_file(section, "file", folder, patch.file);
    if (patch.commit.starts_with('-'))
        section.refuse("commit", "'commit' begins with '-', as no name of a commit does");
    patch.when = read_condition(section);
    patch.on_conflict = section.word<OnConflict>(
        "on_conflict", OnConflict::skip,
        {{"skip", OnConflict::skip}, {"abort", OnConflict::abort}, {"drop", OnConflict::drop}});
    return patch;
}

Reproducer read_reproducer(const Section& section, const std::string& folder) {
    Reproducer reproducer;
    reproducer.prepare = section.text("prepare");
    reproducer.network = section.flag("network", false);
    if (reproducer.network && reproducer.prepare.empty())
        section.refuse("network", "'network' is for 'prepare', which is not given");
    reproducer.files = section.texts("files");
    for (const std::string& file : reproducer.files) {
        // What `prepare` makes is not there yet.
        if (reproducer.prepare.empty())
            need_file(section, "files", folder, file);
        else if (std::string problem = relative_path_problem(file); !problem.empty())
            section.refuse("files", "'files' " + problem);
    }
    reproducer.preconditions = section.texts("precondition");
    return reproducer;
}

std::string read_pattern(const Section& section, std::string_view key) {
    std::string pattern = section.text(key);
    std::string problem = pattern_problem(pattern);
    if (!problem.empty()) section.refuse(key, fmt::format("'{}' {}", key, problem));
    return pattern;
}

BootSpec read_boot(const Section& section) {
    BootSpec boot;
    boot.deadline = section.duration("deadline", boot.deadline, one_second);
    boot.on_failure =
        section.word<OnBootFailure>("on_failure", OnBootFailure::skip,
                                    {{"skip", OnBootFailure::skip}, {"bad", OnBootFailure::bad}});
    boot.failure_pattern = read_pattern(section, "failure_pattern");
    if (!boot.failure_pattern.empty() && boot.on_failure == OnBootFailure::skip)
        section.refuse("failure_pattern",
                       "'failure_pattern' has no effect without on_failure = \"bad\"");
    return boot;
}

/// A code has one meaning; 125 to 127 mean that the reproducer itself is broken.
void check_exits(const Section& section, const Symptom& symptom) {
    std::vector<std::pair<std::string_view, const std::vector<int>*>> lists{
        {"bad_exit", &symptom.bad_exit},
        {"good_exit", &symptom.good_exit},
        {"not_applicable_exit", &symptom.not_applicable_exit}};
    std::vector<std::pair<int, std::string_view>> seen;
    for (const auto& [key, codes] : lists)
        for (int code : *codes) {
            // Blame a key that is written, not a default.
            if (code >= 125 && code <= 127)
                section.refuse(key, fmt::format("'{}' has {} in it, which means that the "
                                                "reproducer itself is broken (as for git bisect "
                                                "run and sh); use another",
                                                key, code));
            for (const auto& [other, other_key] : seen)
                if (other == code)
                    section.refuse(section.has(key) ? key : other_key,
                                   other_key == key
                                       ? fmt::format("'{}' has {} twice", key, code)
                                       : fmt::format("exit code {} is in '{}' and in '{}'", code,
                                                     other_key, key));
            seen.emplace_back(code, key);
        }
    if (!section.excused("good_exit") && symptom.good_exit.empty() && symptom.good_pattern.empty())
        section.refuse("good_exit",
                       "'good_exit' is an empty list and 'good_pattern' is not "
                       "given: no run could be clean");
}

void check_evidence(const Section& section, const Symptom& symptom, bool elsewhere) {
    bool some = !symptom.bad_exit.empty() || !symptom.bad_pattern.empty() ||
                !symptom.kernel_log_pattern.empty() || symptom.deadline_is_bad ||
                symptom.on_hang == OnHang::bad || elsewhere;
    if (!some && !section.excused("bad_exit") && !section.excused("bad_pattern"))
        section.refuse("bad_exit",
                       "nothing could show this symptom: give a 'bad_exit', a "
                       "'bad_pattern', a 'kernel_log_pattern' or deadline_is_bad");
}

Symptom read_symptom(const Section& section, bool elsewhere) {
    Symptom symptom;
    symptom.name = section.needed_text("name");
    std::string name = symptom.name.empty() ? "" : name_problem(symptom.name);
    if (!name.empty()) section.refuse("name", name);
    symptom.command = section.needed_text("command");
    symptom.runs = static_cast<std::uint32_t>(section.number("runs", 0, 0, 1000000));
    symptom.seconds = section.duration("seconds", symptom.seconds, std::chrono::seconds(0));
    symptom.deadline = section.duration("deadline", symptom.deadline, one_second);
    symptom.bad_exit = section.numbers("bad_exit", symptom.bad_exit, 0, 255);
    symptom.good_exit = section.numbers("good_exit", symptom.good_exit, 0, 255);
    symptom.not_applicable_exit =
        section.numbers("not_applicable_exit", symptom.not_applicable_exit, 0, 255);
    symptom.good_pattern = read_pattern(section, "good_pattern");
    symptom.bad_pattern = read_pattern(section, "bad_pattern");
    symptom.kernel_log_pattern = read_pattern(section, "kernel_log_pattern");
    symptom.deadline_is_bad = section.flag("deadline_is_bad", false);
    symptom.stop_at_first_hit = section.flag("stop_at_first_hit", true);
    symptom.boot_decides =
        section.word<bool>("failure_depends_on", false, {{"run", false}, {"boot", true}});
    symptom.never_by_chance = section.flag("never_by_chance", false);
    symptom.on_hang = section.word<OnHang>(
        "on_hang", OnHang::retry,
        {{"retry", OnHang::retry}, {"bad", OnHang::bad}, {"skip", OnHang::skip}});
    symptom.on_not_applicable =
        section.word<OnNotApplicable>("on_not_applicable", OnNotApplicable::good,
                                      {{"good", OnNotApplicable::good},
                                       {"skip", OnNotApplicable::skip},
                                       {"bad", OnNotApplicable::bad}});
    check_exits(section, symptom);
    check_evidence(section, symptom, elsewhere);
    return symptom;
}

void read_symptoms(const Section& top, Recipe& recipe) {
    bool elsewhere = recipe.build.failure_is_bad || recipe.boot.on_failure == OnBootFailure::bad;
    std::set<std::string> names;
    for (const Section& section : top.sections(
             "symptom", {"name", "command", "runs", "seconds", "deadline", "bad_exit", "good_exit",
                         "not_applicable_exit", "on_not_applicable", "good_pattern", "bad_pattern",
                         "kernel_log_pattern", "deadline_is_bad", "stop_at_first_hit", "on_hang",
                         "failure_depends_on", "never_by_chance"})) {
        recipe.symptoms.push_back(read_symptom(section, elsewhere));
        if (recipe.symptoms.back().boot_decides && recipe.build.kind == BuildKind::command)
            section.refuse("failure_depends_on",
                           "'failure_depends_on' is \"boot\", but kind = \"command\" boots "
                           "nothing");
        if (!names.insert(recipe.symptoms.back().name).second)
            section.refuse("name", fmt::format("there are two symptoms with the name '{}'",
                                               shown(recipe.symptoms.back().name)));
    }
    if (top.excused("symptom")) return;
    if (!top.has("symptom"))
        top.refuse("symptom", "missing [[symptom]]: what should the reproducer look for?");
    else if (recipe.symptoms.empty() && top.holds_list("symptom"))
        top.refuse("symptom", "'symptom' is an empty list");
}

}  // namespace

Result<Recipe> recipe_of(Document document, const std::string& folder, const std::string& name) {
    Section top(document, document.root(), "",
                {"name", "title", "build", "patch", "reproducer", "boot", "symptom", "proof"});
    Recipe recipe;
    recipe.folder = folder;
    recipe.name = top.needed_text("name");
    std::string form = recipe.name.empty() ? "" : name_problem(recipe.name);
    if (!form.empty())
        top.refuse("name", form);
    else if (!recipe.name.empty() && !name.empty() && recipe.name != name)
        top.refuse("name", fmt::format("the recipe's name '{}' does not equal its folder's name "
                                       "'{}'",
                                       recipe.name, name));
    recipe.title = top.text("title");
    if (recipe.title.find('\n') != std::string::npos)
        top.refuse("title", "'title' has more than one line");
    if (!top.has("build") && !top.excused("build"))
        top.refuse("build", "missing [build]: how is a commit built?");
    Section build =
        top.section("build", {"kind", "arch", "cross_compile", "base_config", "fragments",
                              "required", "targets", "image", "deadline", "jobs", "network",
                              "failure_is_bad", "command", "artefacts", "environment"});
    if (top.holds_table("build")) recipe.build = read_build(build, folder);
    for (const Section& patch : top.sections("patch", {"file", "commit", "when", "on_conflict"}))
        recipe.patches.push_back(read_patch(patch, folder));
    recipe.reproducer = read_reproducer(
        top.section("reproducer", {"prepare", "network", "files", "precondition"}), folder);
    recipe.boot = read_boot(top.section("boot", {"deadline", "on_failure", "failure_pattern"}));
    read_symptoms(top, recipe);
    recipe.revert_proof = top.section("proof", {"revert"}).flag("revert", recipe.revert_proof);
    Result<void> verdict = document.verdict();
    if (!verdict) return std::unexpected(verdict.error());
    return recipe;
}

Result<Recipe> read_recipe(const std::string& folder, const std::string& name) {
    Result<Document> document = Document::read(folder + "/recipe.toml");
    if (!document) return std::unexpected(document.error());
    Result<Recipe> recipe = recipe_of(std::move(*document), folder, name);
    if (!recipe) return recipe;
    Result<std::string> digest = folder_digest(folder);
    if (!digest) return std::unexpected(digest.error());
    recipe->digest = *digest;
    return recipe;
}

}  // namespace bisectd::config
