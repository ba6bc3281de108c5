#pragma once
#include <functional>
#include <memory>
#include <string>

#include "ports/journal.hpp"

namespace bisectd {

/// The journal in one SQLite file: table `event`, which triggers keep append-only, and the
/// projections of docs/queries.md. WAL with synchronous=FULL: what `append` returned survives
/// a power cut. Anyone may read the file with sqlite3 at any time.
/// Thread: the orchestration thread.
class SqliteJournal : public Journal {
  public:
    /// Opens or makes the journal and takes the data folder's lock ("PATH.lock").
    /// Errors: request when another bisectd holds the lock, or the file is of a newer bisectd or
    /// of another program; infrastructure when the disk fails or the file is damaged.
    static Result<std::unique_ptr<SqliteJournal>> open(const std::string& path);
    ~SqliteJournal() override;

    Result<BisectionId> next_bisection() override;
    /// Errors: infrastructure, with nothing written. The next call may succeed, as after a full
    /// disk; or it says that the journal takes nothing any more.
    Result<EventRecord> append(BisectionId bisection, std::int64_t at_ms_utc,
                               const Event& event) override;
    Result<std::vector<EventRecord>> read(BisectionId bisection) override;
    Result<std::vector<BisectionId>> bisections() override;
    Result<std::vector<EventRecord>> read_after(std::uint64_t seq, std::size_t limit,
                                                std::optional<BisectionId> of) override;
    Result<std::vector<EventRecord>> find(EventFilter filter) override;
    Result<std::uint64_t> last_seq() override;

    /// Called once, when the journal takes nothing any more (a failed fsync, a disk that cannot be
    /// read, a damaged file): only whoever opens it anew knows what it holds.
    void on_broken(std::function<void(const Error&)> told);

    /// Makes every projection anew from the events.
    Result<void> rebuild_projections();

  private:
    struct Parts;
    /// Returns the place of the new event.
    Result<std::int64_t> insert(BisectionId bisection, std::int64_t at_ms_utc, const Event& event,
                                const std::string& body);
    /// The error of what was done last; tells of a journal that is broken.
    std::unexpected<Error> failed(Error error);
    explicit SqliteJournal(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bisectd
