#include "adapters/build/manifest.hpp"

#include <boost/json.hpp>

namespace bisectd::build {
namespace {

namespace json = boost::json;
constexpr std::int64_t version = 1;

/// A name that stays inside its folder.
bool is_inside(const std::string& name) {
    return !name.empty() && name.front() != '/' &&
           ("/" + name + "/").find("/../") == std::string::npos;
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

}  // namespace

std::string write_manifest(const Artefact& artefact) {
    json::array files;
    for (const ArtefactFile& file : artefact.files)
        files.push_back(
            json::object{{"name", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}});
    json::object manifest{{"version", version},
                          {"key", artefact.key},
                          {"commit", artefact.commit.hex()},
                          {"files", std::move(files)},
                          {"build_id", artefact.build_id},
                          {"release", artefact.release},
                          {"content_sha256", artefact.content_sha256},
                          {"compiler", artefact.compiler},
                          {"drift", json::value_from(artefact.drift)},
                          {"seconds", artefact.seconds}};
    return json::serialize(manifest) + "\n";
}

std::optional<Artefact> read_manifest(std::string_view text) {
    boost::system::error_code failed;
    const json::value parsed = json::parse(text, failed);
    if (failed || !parsed.is_object()) return std::nullopt;
    const json::object& object = parsed.as_object();
    const json::value* format = object.if_contains("version");
    const json::value* files = object.if_contains("files");
    const auto commit = CommitId::parse(text_of(object, "commit"));
    if (format == nullptr || *format != version || files == nullptr || !files->is_array() ||
        !commit)
        return std::nullopt;
    Artefact artefact;
    artefact.key = text_of(object, "key");
    artefact.commit = *commit;
    artefact.build_id = text_of(object, "build_id");
    artefact.release = text_of(object, "release");
    artefact.content_sha256 = text_of(object, "content_sha256");  // none in older manifests
    artefact.compiler = text_of(object, "compiler");              // the same
    for (const json::value& value : files->as_array()) {
        if (!value.is_object()) return std::nullopt;
        const json::value* bytes = value.as_object().if_contains("bytes");
        ArtefactFile file{text_of(value.as_object(), "name"), "",
                          text_of(value.as_object(), "sha256"), 0};
        if (!is_inside(file.name) || bytes == nullptr || !bytes->is_number()) return std::nullopt;
        file.bytes = bytes->to_number<std::uint64_t>(failed);
        if (failed) return std::nullopt;
        artefact.files.push_back(std::move(file));
    }
    const json::value* drift = object.if_contains("drift");
    if (drift != nullptr && drift->is_array())
        for (const json::value& line : drift->as_array())
            if (line.is_string()) artefact.drift.push_back(json::value_to<std::string>(line));
    const json::value* seconds = object.if_contains("seconds");
    if (seconds != nullptr && seconds->is_double()) artefact.seconds = seconds->as_double();
    return artefact;
}

}  // namespace bisectd::build
