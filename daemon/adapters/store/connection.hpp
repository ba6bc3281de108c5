#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/store/handle.hpp"
#include "core/error.hpp"

namespace bisectd::store {

/// One prepared statement. Lives no longer than its connection.
class Statement {
  public:
    Statement(StatementHandle handle, std::string where)
        : handle_(std::move(handle)), where_(std::move(where)) {}

    /// Sets the parameter `index`, which counts from 1. The text is copied.
    /// Errors: infrastructure, reported by the next `step`.
    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view text);

    /// True: a row is there to be read. False: the statement is done.
    /// Errors: infrastructure, with what to do.
    Result<bool> step();

    /// Columns count from 0.
    std::int64_t integer(int column) const;
    std::string text(int column) const;

  private:
    StatementHandle handle_;
    std::string where_;
    int bind_code_ = SQLITE_OK;
};

/// One connection to a database file, with our settings.
/// Thread: one at a time.
class Connection {
  public:
    /// Opens or makes the file. Errors: infrastructure.
    static Result<Connection> open(const std::string& path);

    const std::string& path() const { return path_; }
    /// Runs all statements of `sql`; rows are dropped. Errors: infrastructure.
    Result<void> run(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    /// First column of the first row; 0 when there is no row.
    Result<std::int64_t> number(std::string_view sql);
    /// The `rowid` of the last insert.
    std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
    /// What failed last is not of the moment, as a full disk is, or somebody who holds the file:
    /// nobody knows what the file holds now.
    bool failed_for_good() const;
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

    /// Copies the whole database, as of now, into a new file beside `target`, then renames it. It
    /// is for its owner only, whatever the umask.
    /// Readers and this connection go on. Errors: infrastructure; `target` is then as before.
    Result<void> copy_to(const std::string& target);

  private:
    Connection(DatabaseHandle handle, std::string path)
        : handle_(std::move(handle)), path_(std::move(path)) {}

    DatabaseHandle handle_;
    std::string path_;
};

/// A write transaction: undone in the destructor unless `commit` succeeded.
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept : connection_(other.connection_) {
        other.connection_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    /// Durable when it returns. Errors: infrastructure; nothing was written then.
    Result<void> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace bisectd::store
