#include "adapters/notify/notice_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapters/process/spawn.hpp"

namespace bisectd::notify {

Result<NoticeFile> NoticeFile::write(const std::string& folder, const std::string& name,
                                     const std::string& text) {
    const auto failed = [] {
        return infrastructure("notices", std::string("cannot be prepared: ") +
                                             std::strerror(errno) + "; is the disk full?");
    };
    NoticeFile file(folder + "/" + name);
    // What a killed daemon left, its mode included, is not trusted.
    ::unlink(file.path_.c_str());
    const process::Descriptor opened(
        ::open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!opened) return failed();
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t wrote = ::write(opened.get(), text.data() + at, text.size() - at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return failed();
        at += static_cast<std::size_t>(wrote);
    }
    return file;
}

NoticeFile::~NoticeFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace bisectd::notify
