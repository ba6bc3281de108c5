#pragma once
#include <string>

#include "adapters/ssh/connection.hpp"
#include "ports/progress.hpp"

namespace bisectd::ssh {

/// Longest silence of the board while data flows.
/// Source: the window of dropbear (24 KiB) is answered many times a second on any usable link.
constexpr milliseconds data_silence{30'000};
/// Longest silence while the board writes the file to its disk and reads it for the digest.
/// Source: 100 MB to a slow SD card at 1 MB/s, plus half.
constexpr milliseconds disk_silence{150'000};

/// See BoardShell::upload. Needs sh, cat, sync, sha256sum, wc, chmod and mv on the board.
Task<Result<void>> upload_file(Connection& connection, std::string local, std::string remote,
                               unsigned mode, ProgressSink progress);

/// The temporary name: in the same folder, so that the rename is one, and starting like the file,
/// so that whoever cleans up by prefix finds it.
std::string temporary_name(const std::string& remote);

/// Errors: request unless `remote` is an absolute path of a file.
Result<void> check_remote_name(const std::string& remote, const std::string& where);

}  // namespace bisectd::ssh
