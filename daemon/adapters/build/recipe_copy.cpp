#include "adapters/build/recipe_copy.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "adapters/build/file_access.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

Result<void> check_link(const fs::path& link, const fs::path& base) {
    std::error_code failed;
    const fs::path target = fs::read_symlink(link, failed);
    const fs::path real = fs::weakly_canonical(link.parent_path() / target, failed);
    if (failed || target.is_absolute() || !real.string().starts_with(base.string() + "/"))
        return wrong_request(link.string(), fmt::format("is a link out of the recipe's folder, to "
                                                        "{}: copy the file into the folder",
                                                        target.string()));
    return {};
}

Result<void> copy_all(const fs::path& base, const fs::path& to) {
    std::error_code failed;
    std::uint64_t bytes = 0;
    const auto disk = [&to](const std::error_code& code) {
        return infrastructure(to.string(), "cannot copy the recipe: " + code.message());
    };
    fs::create_directories(to, failed);
    fs::recursive_directory_iterator at(base, failed), end;
    for (; !failed && at != end; at.increment(failed)) {
        const fs::path target = to / at->path().lexically_relative(base);
        if (at->is_symlink(failed)) {
            if (auto inside = check_link(at->path(), base); !inside) return inside;
            fs::copy_symlink(at->path(), target, failed);
        } else if (at->is_directory(failed)) {
            fs::create_directory(target, at->path(), failed);
        } else if (at->is_regular_file(failed)) {
            bytes += at->file_size(failed);
            if (bytes > recipe_limit_bytes)
                return wrong_request(base.string(),
                                     fmt::format("the recipe's folder holds more than {} MiB: "
                                                 "fetch large files in 'prepare'",
                                                 recipe_limit_bytes >> 20));
            fs::copy_file(at->path(), target, failed);
            if (failed) return disk(failed);
            if (auto durable = sync_path(target); !durable) return durable;
        } else {
            return wrong_request(at->path().string(), "is neither file, folder nor link");
        }
        if (failed) return disk(failed);
    }
    if (failed) return disk(failed);
    return {};
}

}  // namespace

Result<void> copy_recipe(const std::string& from, const std::string& to) {
    std::error_code failed;
    const fs::path base = fs::canonical(from, failed);
    if (failed)
        return wrong_request(from, "the recipe's folder cannot be read: " + failed.message());
    const std::string fresh = to + ".tmp";
    fs::remove_all(fresh, failed);
    if (auto copied = copy_all(base, fresh); !copied) {
        fs::remove_all(fresh, failed);
        return copied;
    }
    fs::rename(fresh, to, failed);
    if (failed) return infrastructure(to, "cannot move the recipe here: " + failed.message());
    return sync_path(fs::path(to).parent_path());
}

}  // namespace bisectd::build
