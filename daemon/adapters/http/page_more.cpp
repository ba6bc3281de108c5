#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/page.hpp"
#include "adapters/json/text.hpp"

// The small pages: artefacts, recipes, the form of a start, a commit's diff.

namespace bisectd::http {
namespace {

constexpr std::size_t most_artefacts = 200;

std::string share_of(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "nothing yet"
                      : fmt::format("{:.0f} %",
                                    100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string tiles(const ArtefactsView& view) {
    const Stock& stock = view.stock;
    const std::uint64_t needed = view.builds + view.reuses;
    const std::uint64_t compiled = stock.cache_hits + stock.cache_misses;
    const double each =
        view.builds == 0 ? 0 : view.build_seconds / static_cast<double>(view.builds);
    std::string out = "<dl class=\"facts tiles\">\n";
    out += fact("In the store", count_of(stock.artefacts.size(), "artefact"));
    out +=
        fact("Size", fmt::format("{} of {}", size_text(stock.bytes), size_text(stock.limit_bytes)));
    out += fact("Needed and already there",
                fmt::format("{} <small>{} of {}</small>", share_of(view.reuses, needed),
                            count_text(view.reuses), count_text(needed)));
    out += fact("Time spent building", duration_text(view.build_seconds));
    out += fact("Time saved by the store",
                "about " + duration_text(each * static_cast<double>(view.reuses)));
    out += fact("Compiler cache", compiled == 0 ? "not used yet"
                                                : fmt::format("{} hits <small>of {}, {}</small>",
                                                              share_of(stock.cache_hits, compiled),
                                                              count_of(compiled, "compilation"),
                                                              size_text(stock.cache_bytes)));
    return out + "</dl>\n";
}

std::string options(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names)
        out += fmt::format("<option value=\"{0}\">{0}</option>", escaped(name));
    return out;
}

std::string field(std::string_view name, std::string_view label, std::string_view hint,
                  std::string_view more) {
    return fmt::format(
        "<label>{1}<input name=\"{0}\" autocomplete=\"off\" spellcheck=\"false\" "
        "aria-describedby=\"{0}-hint\" {3}></label><small id=\"{0}-hint\">{2}</small>\n",
        name, label, hint, more);
}

std::string diff_lines(const std::string& diff) {
    std::string out;
    std::string_view rest = diff;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        std::string_view kind;
        if (line.starts_with("diff --git"))
            kind = "file";
        else if (line.starts_with("@@"))
            kind = "place";
        else if (line.starts_with("+++") || line.starts_with("---"))
            kind = "name";
        else if (line.starts_with('+'))
            kind = "plus";
        else if (line.starts_with('-'))
            kind = "minus";
        // A tab is a tab in code; printable() would make it a blank.
        std::string text;
        for (std::string_view part = line;;) {
            const std::size_t tab = part.find('\t');
            text += escaped(part.substr(0, tab));
            if (tab == std::string_view::npos) break;
            text += '\t';
            part.remove_prefix(tab + 1);
        }
        out +=
            kind.empty() ? text + "\n" : fmt::format("<span class=\"{}\">{}</span>\n", kind, text);
    }
    return out;
}

}  // namespace

std::string artefacts_page(const Result<ArtefactsView>& artefacts) {
    std::string main = "<h1>Artefacts and cache</h1>\n";
    if (!artefacts) {
        main += "<p class=\"notice\">" + escaped(describe(artefacts.error())) + "</p>\n";
        return html_page("Artefacts", "/artefacts", main);
    }
    main += tiles(*artefacts);
    const std::vector<StoredArtefact>& stored = artefacts->stock.artefacts;
    if (stored.empty()) {
        main += "<p class=\"empty\">The store is empty.</p>\n";
        return html_page("Artefacts", "/artefacts", main);
    }
    main +=
        "<h2>Last used first</h2>\n<table class=\"rows\"><thead><tr><th>Artefact</th>"
        "<th>Commit</th><th>Release</th><th class=\"number\">Size</th><th>Last used (UTC)</th>"
        "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(stored.size(), most_artefacts); ++i)
        main += fmt::format(
            "<tr><td data-label=\"Artefact\"><code>{}</code></td><td data-label=\"Commit\">"
            "<code>{}</code></td><td data-label=\"Release\">{}</td><td data-label=\"Size\" "
            "class=\"number\">{}</td><td data-label=\"Last used\">{}</td></tr>\n",
            escaped(stored[i].key.substr(0, 12)), escaped(stored[i].commit.brief()),
            escaped(stored[i].release), size_text(stored[i].bytes),
            html_time(stored[i].used_ms_utc));
    main += "</tbody></table>\n";
    if (stored.size() > most_artefacts)
        main += fmt::format("<p class=\"hint\">and {} more; the API has all of them</p>\n",
                            stored.size() - most_artefacts);
    return html_page("Artefacts", "/artefacts", main);
}

std::string recipes_page(const std::vector<RecipeView>& recipes) {
    std::string main = "<h1>Recipes</h1>\n";
    if (recipes.empty())
        main += "<p class=\"empty\">There is none in the configured folders.</p>\n";
    main += "<ul class=\"cards\">\n";
    for (const RecipeView& recipe : recipes) {
        std::string more;
        for (const std::string& symptom : recipe.symptoms)
            more += (more.empty() ? "looks for " : ", ") + escaped(symptom);
        if (!recipe.patches.empty())
            more += fmt::format("; {} on the way", count_of(recipe.patches.size(), "patch"));
        main += fmt::format(
            "<li><h2>{}{}</h2>{}<p class=\"summary\">{}</p>{}</li>\n", escaped(recipe.name),
            recipe.error.empty() ? "" : " " + badge("wrong"),
            recipe.error.empty() ? "" : "<p class=\"notice\">" + escaped(recipe.error) + "</p>",
            escaped(recipe.title), more.empty() ? "" : "<p><small>" + more + "</small></p>");
    }
    return html_page("Recipes", "/recipes", main + "</ul>\n");
}

std::string start_page(const std::vector<RecipeView>& recipes,
                       const std::vector<std::string>& boards) {
    std::vector<std::string> names;
    for (const RecipeView& recipe : recipes)
        if (recipe.error.empty()) names.push_back(recipe.name);
    std::string main =
        "<h1>Start a bisection</h1>\n<noscript><p class=\"notice\">The form needs JavaScript, "
        "which "
        "sends it with the token. Or: <code>bisectctl start --repo ... --good ... --bad ... "
        "--recipe ... --board ...</code></p></noscript>\n<form id=\"start\" class=\"fields\" "
        "method=\"get\">\n";
    main += field("repository", "Repository",
                  "absolute path of your clone on this machine; it is "
                  "only read",
                  "required placeholder=\"/home/me/linux\"");
    main += field("good", "Good", "a commit, tag or branch that works; several with blanks between",
                  "required placeholder=\"v6.1\"");
    main += field("bad", "Bad", "one that does not", "required placeholder=\"v6.2\"");
    main += fmt::format(
        "<label>Recipe<select name=\"recipe\" required>{}</select></label><small>how "
        "to build, boot, reproduce and judge</small>\n",
        options(names));
    main += fmt::format(
        "<label>Boards<select name=\"boards\" multiple required size=\"{}\">{}"
        "</select></label><small>several share the work</small>\n",
        std::clamp<std::size_t>(boards.size(), 2, 6), options(boards));
    main += field("title", "Title", "for people; may be empty", "");
    main +=
        field("paths", "Only commits that touch", "paths with blanks between; may be empty", "");
    main += field("hints", "Likely suspects", "commits to try first; may be empty", "");
    main +=
        "<div class=\"buttons\"><button type=\"submit\" name=\"what\" value=\"start\" "
        "class=\"main\">Start</button><button type=\"submit\" name=\"what\" value=\"doctor\">Look "
        "first whether it would work</button></div>\n<div id=\"findings\" role=\"status\"></div>\n"
        "</form>\n";
    return html_page("Start", "/start", main);
}

std::string diff_page(const BisectionState& state, const CommitId& commit,
                      const Result<std::string>& diff, const Hosting& hosting) {
    const std::string address = hosting.address(commit);
    std::string main = fmt::format(
        "<p class=\"crumbs\"><a href=\"/\">Bisections</a> / <a href=\"/bisections/{0}\">{0}</a> / "
        "commit</p>\n<h1>{1}</h1>\n<p class=\"summary\"><code>{2}</code>{3}</p>\n",
        state.id, escaped(state.subject_of(commit)), escaped(commit.hex()),
        address.empty() ? ""
                        : fmt::format(" <a rel=\"noreferrer\" href=\"{}\">at its hosting</a>",
                                      escaped(address)));
    if (!diff)
        main += "<p class=\"notice\">" + escaped(describe(diff.error())) + "</p>\n";
    else if (diff->empty())
        main += "<p class=\"empty\">It changes nothing against its first parent.</p>\n";
    else
        main += "<pre class=\"diff\" tabindex=\"0\" aria-label=\"diff\">" + diff_lines(*diff) +
                "</pre>\n";
    return html_page("Commit " + commit.brief(), "/", main);
}

}  // namespace bisectd::http
