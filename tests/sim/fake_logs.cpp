#include "tests/sim/fake_logs.hpp"

namespace bisectd::sim {
namespace {

class FakeText : public LogText {
  public:
    explicit FakeText(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}
    std::uint64_t size_bytes() const override { return text_->size(); }
    std::string_view read(std::string& buffer, std::uint64_t offset,
                          std::size_t size) const override {
        if (offset >= text_->size()) return {};
        return buffer = text_->substr(offset, size);
    }
    bool is_current() const override { return true; }

  private:
    std::shared_ptr<const std::string> text_;
};

}  // namespace

Result<void> FakeLogs::append(const std::string& file, std::string_view text) {
    if (world_.daemon_dead) return infrastructure(file, "the daemon is dead");
    if (world_.disk.is_full()) return infrastructure(file, "no space left on device");
    Log& log = logs_[file];
    *log.text += text;
    log.closed = false;
    return {};
}

std::shared_ptr<LogText> FakeLogs::open(const std::string& file) {
    const auto found = logs_.find(file);
    return found == logs_.end() ? nullptr : std::make_shared<FakeText>(found->second.text);
}

Task<Result<void>> FakeLogs::close(std::string file) {
    if (fails_to_close || world_.disk.is_full())
        co_return infrastructure(file, "no space left on device");
    if (const auto found = logs_.find(file); found != logs_.end()) found->second.closed = true;
    co_return Result<void>();
}

std::uint64_t FakeLogs::bytes_in(const std::string& folder) {
    std::uint64_t bytes = 0;
    for (const auto& [file, log] : logs_)
        if (file.starts_with(folder + "/")) bytes += log.text->size();
    return bytes;
}

Result<void> FakeLogs::remove(const std::string& folder) {
    std::erase_if(logs_, [&](const auto& entry) { return entry.first.starts_with(folder + "/"); });
    return {};
}

}  // namespace bisectd::sim
