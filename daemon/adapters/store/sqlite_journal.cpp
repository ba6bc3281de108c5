#include "adapters/store/sqlite_journal.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "adapters/store/connection.hpp"
#include "adapters/store/data_lock.hpp"
#include "adapters/store/event_json.hpp"
#include "adapters/store/projections.hpp"
#include "adapters/store/schema.hpp"

namespace bisectd {

using store::Connection;
using store::DataLock;
using store::Statement;
using store::Transaction;

struct SqliteJournal::Parts {
    DataLock lock;
    Connection connection;
    std::optional<Error> broken{};
    std::function<void(const Error&)> on_broken{};
};

namespace {

constexpr std::string_view columns = "SELECT seq, bisection, at_ms_utc, kind, version, body FROM";

/// SQLite counts with 63 bits; more than that names nothing.
std::int64_t bounded(std::uint64_t number) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(number < most ? number : most);
}

Result<EventRecord> record_of(const Statement& row) {
    EventRecord record;
    record.seq = static_cast<std::uint64_t>(row.integer(0));
    record.bisection = static_cast<BisectionId>(row.integer(1));
    record.at_ms_utc = row.integer(2);
    record.body = row.text(5);
    Result<Event> event = store::decode(record.seq, row.text(3), row.integer(4), record.body);
    if (!event) return std::unexpected(event.error());
    record.event = std::move(*event);
    return record;
}

Result<std::vector<EventRecord>> records_of(Statement& statement) {
    std::vector<EventRecord> records;
    while (true) {
        Result<bool> row = statement.step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return records;
        Result<EventRecord> record = record_of(statement);
        if (!record) return std::unexpected(record.error());
        records.push_back(std::move(*record));
    }
}

Result<void> make_folder_of(const std::string& path) {
    std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code code;
    if (folder.empty() || std::filesystem::exists(folder, code)) return {};
    std::filesystem::create_directories(folder, code);
    if (code)
        return infrastructure(folder.string(), "the data folder cannot be made: " + code.message() +
                                                   "; make it, owned by bisectd's user");
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, code);
    return {};
}

}  // namespace

SqliteJournal::SqliteJournal(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteJournal::~SqliteJournal() = default;

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& path) {
    Result<void> folder = make_folder_of(path);
    if (!folder) return std::unexpected(folder.error());
    Result<DataLock> lock = DataLock::take(path + ".lock");
    if (!lock) return std::unexpected(lock.error());
    Result<Connection> connection = Connection::open(path);
    if (!connection) return std::unexpected(connection.error());
    Result<void> ready = store::migrate(*connection, store::migrations());
    if (ready) ready = connection->run("PRAGMA journal_mode = WAL;");
    if (ready) ready = store::refresh_projections(*connection);
    if (!ready) return std::unexpected(ready.error());
    auto parts = std::make_unique<Parts>(Parts{std::move(*lock), std::move(*connection), {}, {}});
    return std::unique_ptr<SqliteJournal>(new SqliteJournal(std::move(parts)));
}

Result<BisectionId> SqliteJournal::next_bisection() {
    Result<std::int64_t> last =
        parts_->connection.number("SELECT coalesce(max(bisection), 0) FROM event;");
    if (!last) return std::unexpected(last.error());
    return static_cast<BisectionId>(*last) + 1;
}

Result<EventRecord> SqliteJournal::append(BisectionId bisection, std::int64_t at_ms_utc,
                                          const Event& event) {
    if (parts_->broken) return std::unexpected(*parts_->broken);
    Result<std::string> body = store::encode(event);
    if (!body) return std::unexpected(body.error());
    // Nothing gets in that could not be read again. And the caller gets the event as it will be
    // read: with its texts made valid and bounded.
    Result<Event> stored = store::decode(0, kind(event), store::event_version, *body);
    if (!stored) return std::unexpected(stored.error());
    Result<std::int64_t> seq = insert(bisection, at_ms_utc, event, *body);
    if (!seq) return std::unexpected(seq.error());
    return EventRecord{static_cast<std::uint64_t>(*seq), bisection, at_ms_utc, std::move(*stored),
                       std::move(*body)};
}

Result<std::int64_t> SqliteJournal::insert(BisectionId bisection, std::int64_t at_ms_utc,
                                           const Event& event, const std::string& body) {
    Connection& connection = parts_->connection;
    Result<Transaction> transaction = Transaction::begin(connection);
    if (!transaction) return failed(transaction.error());
    Result<Statement> insert = connection.prepare(
        "INSERT INTO event(bisection, at_ms_utc, kind, version, body) VALUES(?1, ?2, ?3, ?4, ?5)");
    if (!insert) return failed(insert.error());
    insert->bind(1, bounded(bisection));
    insert->bind(2, at_ms_utc);
    insert->bind(3, kind(event));
    insert->bind(4, store::event_version);
    insert->bind(5, body);
    Result<bool> inserted = insert->step();
    if (!inserted) return failed(inserted.error());
    const std::int64_t seq = connection.last_row();
    Result<void> done = store::project(connection, seq);
    if (done) done = transaction->commit();
    if (!done) return failed(done.error());
    return seq;
}

std::unexpected<Error> SqliteJournal::failed(Error error) {
    // Asked now: undoing the transaction makes SQLite forget.
    if (parts_->connection.failed_for_good()) {
        error.what += "; the journal takes nothing any more until bisectd is started again";
        parts_->broken = error;
        if (parts_->on_broken) parts_->on_broken(error);
    }
    return std::unexpected(std::move(error));
}

void SqliteJournal::on_broken(std::function<void(const Error&)> told) {
    parts_->on_broken = std::move(told);
}

Result<std::vector<EventRecord>> SqliteJournal::read(BisectionId bisection) {
    std::string sql = fmt::format("{} event WHERE bisection = ?1 ORDER BY seq", columns);
    Result<Statement> select = parts_->connection.prepare(sql);
    if (!select) return std::unexpected(select.error());
    select->bind(1, bounded(bisection));
    return records_of(*select);
}

Result<std::vector<BisectionId>> SqliteJournal::bisections() {
    Result<Statement> select = parts_->connection.prepare(
        "SELECT DISTINCT bisection FROM event WHERE bisection > 0 ORDER BY bisection");
    if (!select) return std::unexpected(select.error());
    std::vector<BisectionId> ids;
    while (true) {
        Result<bool> row = select->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return ids;
        ids.push_back(static_cast<BisectionId>(select->integer(0)));
    }
}

Result<std::vector<EventRecord>> SqliteJournal::read_after(std::uint64_t seq, std::size_t limit,
                                                           std::optional<BisectionId> of) {
    // Each part is read by its index and no further than wanted; of a busy farm's journal that is
    // little.
    const std::string part = fmt::format("SELECT * FROM ({} event WHERE ", columns);
    const std::string end = "seq > ?1 ORDER BY seq LIMIT ?2)";
    const std::string sql = of ? part + "bisection = ?3 AND " + end + " UNION ALL " + part +
                                     "bisection = 0 AND " + end + " ORDER BY seq LIMIT ?2"
                               : part + end;
    Result<Statement> select = parts_->connection.prepare(sql);
    if (!select) return std::unexpected(select.error());
    select->bind(1, bounded(seq));
    select->bind(2, bounded(limit));
    if (of) select->bind(3, bounded(*of));
    return records_of(*select);
}

Result<std::vector<EventRecord>> SqliteJournal::find(EventFilter filter) {
    // The words of the condition are those of the index; SQLite says so should they differ.
    std::string sql = fmt::format("{} event INDEXED BY event_of_attempt WHERE kind IN (", columns);
    for (std::size_t i = 0; i < filter.kinds.size(); ++i)
        sql += fmt::format("{}?{}", i == 0 ? "" : ", ", i + 5);
    sql += ")";
    if (filter.bisection) sql += " AND bisection = ?1";
    if (filter.step != 0) sql += " AND json_extract(body, '$.step') = ?2";
    if (filter.attempt != 0) sql += " AND json_extract(body, '$.attempt') = ?3";
    sql += " ORDER BY seq DESC LIMIT ?4";
    Result<Statement> select = parts_->connection.prepare(sql);
    if (!select) return std::unexpected(select.error());
    if (filter.bisection) select->bind(1, bounded(*filter.bisection));
    if (filter.step != 0) select->bind(2, bounded(filter.step));
    if (filter.attempt != 0) select->bind(3, bounded(filter.attempt));
    select->bind(4, bounded(filter.limit));
    for (std::size_t i = 0; i < filter.kinds.size(); ++i)
        select->bind(static_cast<int>(i + 5), filter.kinds[i]);
    Result<std::vector<EventRecord>> records = records_of(*select);
    if (records) std::ranges::reverse(*records);
    return records;
}

Result<std::uint64_t> SqliteJournal::last_seq() {
    Result<std::int64_t> last =
        parts_->connection.number("SELECT coalesce(max(seq), 0) FROM event;");
    if (!last) return std::unexpected(last.error());
    return static_cast<std::uint64_t>(*last);
}

Result<void> SqliteJournal::rebuild_projections() {
    return store::rebuild_projections(parts_->connection);
}

}  // namespace bisectd
