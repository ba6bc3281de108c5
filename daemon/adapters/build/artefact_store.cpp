#include "adapters/build/artefact_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>

#include "adapters/build/content_digest.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/build/manifest.hpp"
#include "adapters/build/stock.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::int64_t now_ms_utc() {
    return std::chrono::system_clock::now().time_since_epoch() / 1ms;
}

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

bool is_unchanged(const Artefact& artefact) {
    return std::ranges::all_of(artefact.files, [](const ArtefactFile& file) {
        const auto digest = digest_of_file(file.path);
        return digest && *digest == file.sha256;
    });
}

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
    if (auto before = find(made.key); before && same_files(*before, made) &&
                                      before->content_sha256 == made.content_sha256 &&
                                      is_unchanged(*before)) {
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

/// A folder that was being filled when the daemon was killed: nobody will go on with it.
void ArtefactStore::discard_halves() {
    std::error_code failed;
    std::vector<std::string> halves;
    for (fs::directory_iterator at(place_.artefacts(), failed), end; !failed && at != end;
         at.increment(failed))
        if (at->path().extension() == ".tmp") halves.push_back(at->path());
    for (const std::string& half : halves)
        if (!sweeper_.discard(half)) return;  // said when its key is built again
}

Result<std::vector<EvictedArtefact>> ArtefactStore::evict(const Eviction& eviction) {
    discard_halves();
    Result<Stock> stock = stored_artefacts(place_);
    if (!stock) return std::unexpected(stock.error());
    std::vector<StoredArtefact> may_go;
    for (StoredArtefact& one : stock->artefacts)
        if (!eviction.needed.contains(one.key)) may_go.push_back(std::move(one));
    const auto order = [&eviction](const StoredArtefact& one) {
        return std::pair(eviction.cherished.contains(one.key), one.used_ms_utc);
    };
    std::ranges::sort(may_go, {}, order);
    const StorageSpec& limits = place_.options.storage;
    const std::int64_t oldest = limits.artefacts_age.count() == 0
                                    ? std::numeric_limits<std::int64_t>::min()
                                    : now_ms_utc() - limits.artefacts_age / 1ms;
    std::uint64_t left = stock->bytes, missing = eviction.missing_bytes;
    std::vector<EvictedArtefact> evicted;
    for (StoredArtefact& one : may_go) {
        std::string why;
        if (missing > 0)
            why = "its disk is nearly full, and it was not used for longest";
        else if (left > limits.artefacts_bytes)
            why = "the store is larger than it may be, and it was not used for longest";
        else if (one.used_ms_utc < oldest)
            why = "it was not used for longer than artefacts_age";
        else
            continue;
        if (auto gone = sweeper_.discard(folder(one.key)); !gone) {
            // Those that went are to be told of; the next look meets this one first.
            if (!evicted.empty()) return evicted;
            return std::unexpected(gone.error());
        }
        left -= one.bytes;
        missing -= std::min(missing, one.bytes);
        evicted.push_back({std::move(one), std::move(why)});
    }
    return evicted;
}

}  // namespace bisectd::build
