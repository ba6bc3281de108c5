#pragma once
#include <optional>
#include <string>
#include <vector>

#include "adapters/build/place.hpp"
#include "adapters/build/sweeper.hpp"
#include "core/artefact.hpp"
#include "core/error.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// A file that becomes part of an artefact.
struct NewFile {
    std::string name;  ///< its name in the store
    std::string path;
};

/// Whether each file of the artefact has the digest that its manifest says. A board that was sent
/// a changed file would prove it with the digest of what was sent. Blocking.
bool is_unchanged(const Artefact& artefact);

/// Finished builds by key, one folder each with a manifest. A folder is renamed into place when
/// all in it is durable, so an artefact is there whole or not at all.
class ArtefactStore {
  public:
    ArtefactStore(const Place& place, Sweeper& sweeper) : place_(place), sweeper_(sweeper) {}

    /// The artefact, if its manifest is whole and all files have their sizes. Notes the use.
    std::optional<Artefact> find(const std::string& key) const;
    /// Copies the files in; one that is there with the same files is kept, another is replaced.
    /// `made`: everything but the files. Errors: infrastructure.
    Result<Artefact> store(Artefact made, const std::vector<NewFile>& files);
    /// Removes the artefacts that were not used for longest, until the store keeps to its limits
    /// and what is missing will be free; fewer when one cannot be removed.
    /// Errors: infrastructure; none is gone then.
    Result<std::vector<EvictedArtefact>> evict(const Eviction& eviction);

  private:
    std::string folder(const std::string& key) const { return place_.artefacts() + "/" + key; }
    Result<void> fill(Artefact& made, const std::vector<NewFile>& files,
                      const std::string& into) const;
    void discard_halves();
    const Place& place_;
    Sweeper& sweeper_;
};

}  // namespace bisectd::build
