#pragma once
#include <string>

#include "core/notify_spec.hpp"
#include "ports/herald.hpp"

namespace bisectd {

/// Tells people by a command, by mail (the sendmail program) and by a webhook (the curl program),
/// as configured. No shell is involved, no address stands in a command line that others could
/// read, and what the programs print is not kept: it could hold a secret.
/// Thread: the orchestration thread.
class ConfiguredHerald : public Herald {
  public:
    /// `folder`: absolute, made when it is missing; for short-lived files.
    ConfiguredHerald(NotifySpec spec, std::string folder);

    std::vector<std::string> ways(NoticeKind kind) const override;
    std::chrono::milliseconds limit() const override;
    Task<Result<void>> tell(std::string way, Notice notice) override;

  private:
    Task<Result<void>> by_command(Notice notice, std::string name);
    Task<Result<void>> by_mail(Notice notice, std::string name);
    Task<Result<void>> by_webhook(Notice notice, std::string name);
    Result<std::string> webhook_address() const;

    NotifySpec spec_;
    std::string folder_;
};

}  // namespace bisectd
