#pragma once
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
    /// Errors: infrastructure (disk full, I/O), with nothing written; the next call may succeed.
    Result<EventRecord> append(BisectionId bisection, std::int64_t at_ms_utc,
                               const Event& event) override;
    Result<std::vector<EventRecord>> read(BisectionId bisection) override;
    Result<std::vector<BisectionId>> bisections() override;
    Result<std::vector<EventRecord>> read_after(std::uint64_t seq, std::size_t limit,
                                                std::optional<BisectionId> of) override;
    Result<std::vector<EventRecord>> find(EventFilter filter) override;
    Result<std::uint64_t> last_seq() override;

    /// Makes every projection anew from the events.
    Result<void> rebuild_projections();

  private:
    struct Parts;
    explicit SqliteJournal(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace bisectd
