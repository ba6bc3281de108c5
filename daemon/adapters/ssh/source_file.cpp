#include "adapters/ssh/source_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bisectd::ssh {

SourceFile::SourceFile(process::Descriptor file, std::string path, std::string where,
                       std::uint64_t size)
    : file_(std::move(file)),
      path_(std::move(path)),
      where_(std::move(where)),
      size_bytes_(size),
      buffer_(piece_bytes) {}

Result<SourceFile> SourceFile::open(const std::string& path, const std::string& where) {
    process::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file)
        return wrong_request(where, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    struct stat info{};
    if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return wrong_request(where, path + " is not a file");
    return SourceFile(std::move(file), path, where, static_cast<std::uint64_t>(info.st_size));
}

Result<std::string_view> SourceFile::next() {
    ssize_t got = -1;
    do {
        got = read(file_.get(), buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return infrastructure(where_,
                              fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
    const std::string_view piece(buffer_.data(), static_cast<std::size_t>(got));
    read_bytes_ += piece.size();
    if (read_bytes_ > size_bytes_ || (piece.empty() && read_bytes_ != size_bytes_))
        return infrastructure(where_, path_ + " changed while it was read");
    digest_.add(piece);
    return piece;
}

}  // namespace bisectd::ssh
