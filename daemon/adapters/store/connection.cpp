#include "adapters/store/connection.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace bisectd::store {
namespace {

/// How long a writer waits for another one, such as a person's sqlite3 with an open transaction.
/// Unit: milliseconds.
constexpr int busy_limit_ms = 5000;

std::string advice(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return "; the disk is full: free some space, nothing was half written";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "; another program holds the journal: end its transaction";
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return "; the file is damaged or no journal: move it, its -wal and its -shm away, "
                   "then put the last backup in its place";
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return "; check that the folder exists and that bisectd may write to it";
        case SQLITE_IOERR:
            return "; check the disk, its free space and its limits: nothing was half written";
        default:
            return "";
    }
}

Error error_of(sqlite3* database, int code, const std::string& where) {
    std::string what = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    int system_code = database ? sqlite3_system_errno(database) : 0;
    int extended = database ? sqlite3_extended_errcode(database) : code;
    bool of_the_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    if (system_code != 0 && of_the_system)
        what += fmt::format(" ({}: {})", extended, std::strerror(system_code));
    return Error{ErrorKind::infrastructure, where, what + advice(code)};
}

/// An empty file for its owner only, whatever the umask: SQLite leaves it that.
Result<void> make_private_file(const std::string& path) {
    ::unlink(path.c_str());
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return infrastructure(path, fmt::format("open: {}", std::strerror(errno)));
    ::close(file);
    return {};
}

Result<void> sync_file(const std::string& path) {
    int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return infrastructure(path, fmt::format("open: {}", std::strerror(errno)));
    int code = ::fsync(file);
    int reason = errno;
    ::close(file);
    if (code != 0) return infrastructure(path, fmt::format("fsync: {}", std::strerror(reason)));
    return {};
}

}  // namespace

void Statement::bind(int index, std::int64_t value) {
    int code = sqlite3_bind_int64(handle_.get(), index, value);
    if (code != SQLITE_OK) bind_code_ = code;
}

void Statement::bind(int index, std::string_view text) {
    int code = sqlite3_bind_text64(handle_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    if (code != SQLITE_OK) bind_code_ = code;
}

Result<bool> Statement::step() {
    sqlite3* database = sqlite3_db_handle(handle_.get());
    if (bind_code_ != SQLITE_OK) return std::unexpected(error_of(database, bind_code_, where_));
    int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(error_of(database, code, where_));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string Statement::text(int column) const {
    const unsigned char* bytes = sqlite3_column_text(handle_.get(), column);
    if (bytes == nullptr) return {};
    auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return {reinterpret_cast<const char*>(bytes), size};
}

Result<Connection> Connection::open(const std::string& path) {
    sqlite3* raw = nullptr;
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    DatabaseHandle handle(raw);  // also after an error there is something to close
    if (code != SQLITE_OK) return std::unexpected(error_of(raw, code, path));
    sqlite3_busy_timeout(raw, busy_limit_ms);
    // No statement may damage the file itself. (An untrusted schema would be better still, but
    // SQLite 3.40 then refuses json_valid() in a CHECK.)
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    Connection connection(std::move(handle), path);
    Result<void> set = connection.run("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;");
    if (!set) return std::unexpected(set.error());
    return connection;
}

Result<void> Connection::run(const std::string& sql) {
    int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(handle_.get(), code, path_));
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    int code =
        sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    StatementHandle handle(raw);
    if (code != SQLITE_OK) return std::unexpected(error_of(handle_.get(), code, path_));
    return Statement(std::move(handle), path_);
}

Result<std::int64_t> Connection::number(std::string_view sql) {
    Result<Statement> statement = prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    Result<bool> row = statement->step();
    if (!row) return std::unexpected(row.error());
    return *row ? statement->integer(0) : 0;
}

bool Connection::failed_for_good() const {
    const int extended = sqlite3_extended_errcode(handle_.get());
    switch (extended & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return true;
        case SQLITE_IOERR:
            break;
        default:
            return false;
    }
    // After a failed fsync the kernel has forgotten what it did not write. Source: fsync(2).
    if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) return true;
    const int reason = sqlite3_system_errno(handle_.get());
    const bool lacks_room =
        reason == ENOSPC || reason == EDQUOT || reason == EFBIG || reason == ENOMEM;
    return extended != SQLITE_IOERR_NOMEM && !lacks_room;
}

Result<void> Connection::copy_to(const std::string& target) {
    std::string partial = target + ".partial";
    if (Result<void> made = make_private_file(partial); !made) return made;
    {
        Result<Connection> copy = open(partial);
        if (!copy) return std::unexpected(copy.error());
        BackupHandle backup(
            sqlite3_backup_init(copy->handle_.get(), "main", handle_.get(), "main"));
        if (!backup)
            return std::unexpected(
                error_of(copy->handle_.get(), sqlite3_errcode(copy->handle_.get()), partial));
        int code = sqlite3_backup_step(backup.get(), -1);
        backup.reset();
        if (code != SQLITE_DONE) {
            ::unlink(partial.c_str());
            return std::unexpected(error_of(copy->handle_.get(), code, partial));
        }
        // A copy must be one file: leave no WAL that belongs to the temporary name.
        Result<void> plain = copy->run("PRAGMA journal_mode = DELETE;");
        if (!plain) return plain;
    }
    Result<void> synced = sync_file(partial);
    if (!synced) return synced;
    if (std::rename(partial.c_str(), target.c_str()) != 0)
        return infrastructure(target, fmt::format("rename: {}", std::strerror(errno)));
    return {};
}

Result<Transaction> Transaction::begin(Connection& connection) {
    Result<void> begun = connection.run("BEGIN IMMEDIATE;");
    if (!begun) return std::unexpected(begun.error());
    return Transaction(connection);
}

Transaction::~Transaction() {
    // Some errors (a full disk) make SQLite roll back on its own.
    if (connection_ == nullptr || !connection_->in_transaction()) return;
    // Nobody is left to tell; the next BEGIN would say so.
    Result<void> undone = connection_->run("ROLLBACK;");
    static_cast<void>(undone);
}

Result<void> Transaction::commit() {
    return connection_->run("COMMIT;");
}

}  // namespace bisectd::store
