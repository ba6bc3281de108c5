#include "adapters/git/handle.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace bisectd::git {

void start_libgit2() {
    static const bool started =
        git_libgit2_init() > 0 && git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) == 0;
    BISECTD_ASSERT(started);
}

std::string last_error() {
    const git_error* error = git_error_last();
    return error != nullptr && error->message != nullptr ? shown(error->message) : "unknown error";
}

Result<RepositoryHandle> open_repository(const std::string& path) {
    const std::string where = "repository " + shown(path);
    std::error_code failure;
    if (!std::filesystem::is_directory(path, failure))
        return wrong_request(where, "no such folder: give the path of a git clone");
    git_repository* opened = nullptr;
    const int status =
        git_repository_open_ext(&opened, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    if (status == GIT_ENOTFOUND)
        return wrong_request(where,
                             "not a git repository: give the top folder of a clone (the one with "
                             "`.git` in it) or a bare repository");
    if (status < 0) return wrong_request(where, fmt::format("cannot be read: {}", last_error()));
    return RepositoryHandle(opened);
}

std::string shown(std::string_view text) {
    constexpr std::size_t limit = 200;
    std::string result(text.substr(0, limit));
    for (char& c : result)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    if (text.size() > limit) result += "...";
    return result;
}

}  // namespace bisectd::git
