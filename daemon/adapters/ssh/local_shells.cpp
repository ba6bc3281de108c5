#include "adapters/ssh/local_shells.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "adapters/process/quietly.hpp"
#include "adapters/ssh/local_command.hpp"
#include "adapters/ssh/source_file.hpp"
#include "adapters/ssh/upload.hpp"

namespace bisectd {
namespace {

using namespace ssh;

std::unexpected<Error> system_error(const std::string& where, const std::string& what) {
    const int error = errno;
    return infrastructure(where,
                          fmt::format("{}{}: {}", error == ENOSPC ? "the disk is full: " : "", what,
                                      std::strerror(error)));
}

Result<void> write_all(int file, std::string_view bytes, const std::string& name,
                       const std::string& where) {
    while (!bytes.empty()) {
        const ssize_t wrote = write(file, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return system_error(where, "cannot write " + name);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Task<Result<std::string>> digest_of(std::string path, std::string where) {
    auto copy = SourceFile::open(path, where);
    if (!copy) co_return std::unexpected(copy.error());
    auto executor = co_await asio::this_coro::executor;
    for (;;) {
        const Result<std::string_view> piece = copy->next();
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) co_return copy->sha256();
        co_await asio::post(executor, asio::use_awaitable);
    }
}

Task<Result<void>> copy_file(SourceFile& source, std::string temporary, unsigned mode,
                             ProgressSink progress, std::string where) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    const process::Descriptor target{open(temporary.c_str(), flags, 0600)};
    if (!target) co_return system_error(where, "cannot make " + temporary);
    const std::string name = std::filesystem::path(source.path()).filename().string();
    auto executor = co_await asio::this_coro::executor;
    std::uint64_t done = 0;
    for (;;) {
        const Result<std::string_view> piece = source.next();
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) break;
        const Result<void> wrote = write_all(target.get(), *piece, temporary, where);
        if (!wrote) co_return std::unexpected(wrote.error());
        done += piece->size();
        if (progress) progress(Progress{"upload", done, source.size_bytes(), name});
        co_await asio::post(executor, asio::use_awaitable);
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return cancelled(where, "cancelled");
    }
    if (fchmod(target.get(), mode & 07777) != 0)
        co_return system_error(where, "cannot set the mode of " + temporary);
    if (fsync(target.get()) != 0) co_return system_error(where, "cannot write " + temporary);
    co_return Result<void>{};
}

Task<Result<void>> copy_verify_rename(std::string local, std::string remote, unsigned mode,
                                      ProgressSink progress, std::string where) {
    auto source = SourceFile::open(local, where);
    if (!source) co_return std::unexpected(source.error());
    const std::string temporary = temporary_name(remote);
    const Result<void> copied =
        co_await copy_file(*source, temporary, mode, std::move(progress), where);
    if (!copied) co_return std::unexpected(copied.error());
    const Result<std::string> digest = co_await digest_of(temporary, where);
    if (!digest) co_return std::unexpected(digest.error());
    const std::string wanted = source->sha256();
    if (*digest != wanted)
        co_return infrastructure(where, fmt::format("{} is not what was written: SHA-256 {}, "
                                                    "written was {}. Is the disk faulty?",
                                                    temporary, *digest, wanted));
    if (std::rename(temporary.c_str(), remote.c_str()) != 0)
        co_return system_error(where, fmt::format("cannot rename {} to {}", temporary, remote));
    co_return Result<void>{};
}

class LocalShell : public BoardShell {
  public:
    explicit LocalShell(std::string where) : where_(std::move(where)) {}

    Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                     milliseconds silence_limit) override {
        return quietly(
            run_local(std::move(command), std::move(sink), silence_limit, where_ + ", run"));
    }

    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress) override {
        return quietly(do_upload(std::move(local), std::move(remote), mode, std::move(progress)));
    }

  private:
    Task<Result<void>> do_upload(std::string local, std::string remote, unsigned mode,
                                 ProgressSink progress) {
        const std::string where = where_ + ", upload";
        const Result<void> named = check_remote_name(remote, where);
        if (!named) co_return std::unexpected(named.error());
        Result<void> done =
            co_await copy_verify_rename(std::move(local), remote, mode, std::move(progress), where);
        if (!done) unlink(temporary_name(remote).c_str());
        co_return done;
    }

    std::string where_;
};

}  // namespace

Task<Result<std::unique_ptr<BoardShell>>> LocalShells::connect(BoardSpec board,
                                                               std::chrono::milliseconds) {
    co_return std::make_unique<LocalShell>("board " + board.name + " (this machine)");
}

}  // namespace bisectd
