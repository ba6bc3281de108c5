#include "adapters/build/artefact_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/build/content_digest.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/build/manifest.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

bool is_key(const std::string& key) {
    return key.size() == 64 && key.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool same_files(const Artefact& one, const Artefact& other) {
    const auto equal = [](const ArtefactFile& a, const ArtefactFile& b) {
        return a.name == b.name && a.sha256 == b.sha256 && a.bytes == b.bytes;
    };
    return std::ranges::equal(one.files, other.files, equal);
}

}  // namespace

std::optional<Artefact> ArtefactStore::find(const std::string& key) const {
    if (!is_key(key)) return std::nullopt;
    auto text = read_file(folder(key) + "/manifest.json", manifest_limit_bytes);
    if (!text) return std::nullopt;
    auto artefact = read_manifest(*text);
    if (!artefact || artefact->key != key || artefact->files.empty()) return std::nullopt;
    std::error_code failed;
    for (ArtefactFile& file : artefact->files) {
        file.path = folder(key) + "/files/" + file.name;
        if (fs::file_size(file.path, failed) != file.bytes || failed) return std::nullopt;
    }
    fs::last_write_time(folder(key), fs::file_time_type::clock::now(), failed);
    return artefact;
}

Result<void> ArtefactStore::fill(Artefact& made, const std::vector<NewFile>& files,
                                 const std::string& into) const {
    std::error_code failed;
    fs::create_directories(into + "/files", failed);
    if (failed) return infrastructure(into, "cannot make it: " + failed.message());
    made.files.clear();
    for (const NewFile& file : files) {
        const std::string target = into + "/files/" + file.name;
        fs::create_directories(fs::path(target).parent_path(), failed);
        if (!failed) fs::copy_file(file.path, target, failed);
        if (failed)
            return infrastructure(
                file.path, fmt::format("cannot copy it into the store: {}", failed.message()));
        auto digest = digest_of_file(target);
        if (!digest) return std::unexpected(digest.error());
        if (auto durable = sync_path(target); !durable) return durable;
        ArtefactFile stored{file.name, folder(made.key) + "/files/" + file.name, *digest,
                            fs::file_size(target, failed)};
        made.files.push_back(std::move(stored));
    }
    if (made.build_id.empty()) made.content_sha256 = files_content(made.files);  // no kernel
    if (auto written = write_file(into + "/manifest.json", write_manifest(made)); !written)
        return written;
    if (auto durable = sync_path(into + "/files"); !durable) return durable;
    return sync_path(into);
}

Result<Artefact> ArtefactStore::store(Artefact made, const std::vector<NewFile>& files) {
    const std::string final_place = folder(made.key);
    const std::string fresh = final_place + ".tmp";
    if (auto gone = sweeper_.discard(fresh); !gone) return std::unexpected(gone.error());
    if (auto filled = fill(made, files, fresh); !filled) return std::unexpected(filled.error());
    if (auto before = find(made.key);
        before && same_files(*before, made) && before->content_sha256 == made.content_sha256) {
        // The release and build-id are in the files, so they are equal too.
        if (auto gone = sweeper_.discard(fresh); !gone) return std::unexpected(gone.error());
        before->seconds = made.seconds;
        before->drift = made.drift;
        return *before;
    }
    if (auto gone = sweeper_.discard(final_place); !gone) return std::unexpected(gone.error());
    std::error_code failed;
    fs::rename(fresh, final_place, failed);
    if (failed) return infrastructure(final_place, "cannot move it here: " + failed.message());
    if (auto durable = sync_path(place_.artefacts()); !durable)
        return std::unexpected(durable.error());
    return made;
}

void ArtefactStore::evict() {
    struct Kept {
        fs::file_time_type used;
        std::uint64_t bytes = 0;
        std::string path;
    };
    std::vector<Kept> all;
    std::uint64_t total = 0;
    std::error_code failed;
    for (fs::directory_iterator at(place_.artefacts(), failed), end; !failed && at != end;
         at.increment(failed)) {
        Kept one{at->last_write_time(failed), 0, at->path()};
        for (fs::recursive_directory_iterator file(at->path(), failed), none;
             !failed && file != none; file.increment(failed))
            if (file->is_regular_file(failed)) one.bytes += file->file_size(failed);
        total += one.bytes;
        all.push_back(std::move(one));
    }
    std::ranges::sort(all, {}, &Kept::used);
    const auto border = fs::file_time_type::clock::now() - place_.options.keep_at_least;
    for (const Kept& one : all) {
        if (total <= place_.options.keep_bytes || one.used > border) return;
        if (!sweeper_.discard(one.path)) return;
        total -= one.bytes;
    }
}

}  // namespace bisectd::build
