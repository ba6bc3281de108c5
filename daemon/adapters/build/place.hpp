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

    std::string builder() const { return data + "/builders/1"; }
    std::string source() const { return builder() + "/source"; }
    std::string output() const { return builder() + "/output"; }
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
