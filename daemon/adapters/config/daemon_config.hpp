#pragma once
#include <string>
#include <vector>

#include "core/confinement.hpp"
#include "core/error.hpp"
#include "core/notify_spec.hpp"
#include "core/storage_spec.hpp"

namespace bisectd {

/// How the daemon runs. The defaults are those of an empty file; config/bisectd.toml shows all.
struct DaemonConfig {
    std::string file;                              ///< where this was read, absolute
    std::string data_folder = "/var/lib/bisectd";  ///< journal, mirrors, builds, logs
    /// Trees and outputs of builds; may be in RAM. Empty: in the data folder.
    std::string builds_folder;
    std::string socket = "/run/bisectd/bisectd.sock";  ///< for bisectctl
    /// Of the page: a loopback address and a port; empty: no page.
    std::string listen = "127.0.0.1:8017";
    std::vector<std::string> recipe_folders{"/usr/share/bisectd/recipes", "/etc/bisectd/recipes"};
    std::string boards_folder = "/etc/bisectd/boards";
    unsigned jobs = 0;                ///< of each build; 0: as many as there are processors
    std::string ccache_size = "20G";  ///< as `ccache --max-size` takes it
    /// Where a commit is shown to the world, with "{commit}" in it; empty: nowhere.
    std::string commit_url;
    std::string log_level = "info";  ///< error, warning, info or debug
    ConfinementSpec builds;          ///< what builds may see and take
    NotifySpec notify;               ///< who is told of what
    StorageSpec storage;             ///< what is kept, and what is left free
};

/// Reads the daemon's file. Relative paths in it are relative to its folder.
/// Errors: request.
Result<DaemonConfig> read_daemon_config(const std::string& path);

namespace config {
class Document;
/// The same of a document that was read already.
Result<DaemonConfig> daemon_config_of(Document document);
}  // namespace config

}  // namespace bisectd
