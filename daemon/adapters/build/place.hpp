#pragma once
#include <cstdint>
#include <string>

#include "adapters/build/options.hpp"
#include "core/request.hpp"

namespace bisectd::build {

/// Where everything lies below the data folder. Source and output have the same paths in every
/// build: compilers write paths into what they make, and ccache's keys hold them.
struct Place {
    std::string data;  ///< absolute
    WorkshopOptions options;
    int lock = -1;  ///< descriptor of the builder's lock; every build child inherits it

    /// May be another file system than the data folder's, and in RAM: nothing here must last.
    std::string builds() const {
        return options.builds_folder.empty() ? data + "/builders" : options.builds_folder;
    }
    std::string builder() const { return builds() + "/1"; }
    std::string builds_trash() const { return builds() + "/trash"; }
    std::string source() const { return builder() + "/source"; }
    std::string output() const { return builder() + "/output"; }
    std::string scratch() const { return builder() + "/tmp"; }
    std::string git_folder() const { return builder() + "/git"; }
    std::string lock_file() const { return builder() + "/lock"; }
    std::string trash() const { return data + "/trash"; }
    std::string artefacts() const { return data + "/artefacts"; }
    std::string ccache() const { return data + "/ccache"; }
    std::string counts() const { return data + "/counts"; }
    std::string bisection(BisectionId id) const {
        return data + "/bisections/" + std::to_string(id);
    }
};

}  // namespace bisectd::build
