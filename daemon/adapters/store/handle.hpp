#pragma once
#include <sqlite3.h>

#include <memory>

namespace bisectd::store {

struct CloseDatabase {
    // _v2: closes when the last statement is gone, so the order of destruction does not matter.
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;
using BackupHandle = std::unique_ptr<sqlite3_backup, FinishBackup>;

}  // namespace bisectd::store
