#pragma once
#include <boost/asio/thread_pool.hpp>

#include "ports/logs.hpp"

namespace bisectd {

/// Errors: null when there is no such log, or it cannot be read.
std::shared_ptr<LogText> open_log_file(const std::string& file);

/// Logs as files. Those that are closed are compressed with zstd: `zstdcat FILE.zst` reads them.
class FileLogs : public Logs {
  public:
    /// `pool`: where logs are compressed.
    explicit FileLogs(boost::asio::thread_pool& pool) : pool_(pool) {}
    Result<void> append(const std::string& file, std::string_view text) override;
    std::shared_ptr<LogText> open(const std::string& file) override;
    Task<Result<void>> close(std::string file) override;
    std::uint64_t bytes_in(const std::string& folder) override;
    Result<void> remove(const std::string& folder) override;

  private:
    boost::asio::thread_pool& pool_;
};

}  // namespace bisectd
