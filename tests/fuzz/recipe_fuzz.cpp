// A recipe comes from anybody. Beyond not crashing: what is read can be used without another look
// (no path leaves the folder, no name is an option, no pattern is wrong), and an error is bounded,
// printable and says where.
#include "adapters/config/checks.hpp"
#include "adapters/config/patterns.hpp"
#include "adapters/config/recipe_file.hpp"
#include "core/pattern.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;

namespace {

void check_path(const std::string& path) {
    BISECTD_ASSERT(config::relative_path_problem(path).empty());
    BISECTD_ASSERT(path.find('\0') == std::string::npos);
}

void check_pattern(const std::string& pattern) {
    if (pattern.empty()) return;
    // The console is searched by the daemon itself: what was accepted must mean something there.
    BISECTD_ASSERT(pattern_fault(pattern).empty());
    first_matching_line(pattern, "[  1.0] BUG: KASAN: use-after-free in aaaaaaaaaaaaaaaaaaaaaaaa");
}

void check_symptom(const Symptom& symptom) {
    BISECTD_ASSERT(config::name_problem(symptom.name).empty() && !symptom.command.empty());
    BISECTD_ASSERT(symptom.command.find('\0') == std::string::npos);
    BISECTD_ASSERT(symptom.deadline.count() >= 1 && symptom.seconds.count() >= 0);
    for (const auto* codes : {&symptom.bad_exit, &symptom.good_exit, &symptom.not_applicable_exit})
        for (const int code : *codes) BISECTD_ASSERT(code >= 0 && code <= 255);
    check_pattern(symptom.good_pattern);
    check_pattern(symptom.bad_pattern);
    check_pattern(symptom.kernel_log_pattern);
}

void check(const Recipe& recipe) {
    BISECTD_ASSERT(config::name_problem(recipe.name).empty() && !recipe.symptoms.empty());
    BISECTD_ASSERT(recipe.title.find('\n') == std::string::npos);
    for (const Symptom& symptom : recipe.symptoms) check_symptom(symptom);
    for (const Patch& patch : recipe.patches) {
        BISECTD_ASSERT(patch.file.empty() != patch.commit.empty());
        check_path(patch.file);
        BISECTD_ASSERT(!patch.commit.starts_with('-'));
    }
    for (const std::string& file : recipe.reproducer.files) check_path(file);
    for (const std::string& file : recipe.build.artefacts) check_path(file);
    for (const std::string& file : recipe.build.fragments) check_path(file);
    check_path(recipe.build.image);
    for (const std::string& target : recipe.build.targets)
        BISECTD_ASSERT(!target.starts_with('-') && !target.starts_with('/'));
    for (const auto& [name, value] : recipe.build.environment) {
        BISECTD_ASSERT(config::variable_problem(name).empty());
        BISECTD_ASSERT(value.find('\0') == std::string::npos);
    }
    BISECTD_ASSERT(recipe.build.jobs <= 1024);
    check_pattern(recipe.boot.failure_pattern);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The files that recipes name, so that the good ones are read to their end.
    static const fuzz::ScratchFolder folder;
    static const bool written = [] {
        for (const char* name : {"arm64.config", "fix-x.patch", "loop", "reproduce"})
            folder.write(name, "text\n");
        return true;
    }();
    BISECTD_ASSERT(written);
    Result<config::Document> document =
        config::Document::parse(fuzz::text_of(data, size), "recipe.toml");
    if (!document) {
        fuzz::check_error(document.error(), 1000);
        return 0;
    }
    const Result<Recipe> recipe = config::recipe_of(std::move(*document), folder.folder(), "");
    if (recipe)
        check(*recipe);
    else
        fuzz::check_error(recipe.error(), 20'000);
    return 0;
}
