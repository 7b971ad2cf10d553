#pragma once

#include "node/store/sqlite/database.h"

namespace comity {

// Brings the database to this build's schema, one migration after the other in
// one transaction each. INTEGRITY_FAILURE if a newer build wrote it.
absl::Status MigrateSchema(SqliteDatabase& database);

}  // namespace comity
