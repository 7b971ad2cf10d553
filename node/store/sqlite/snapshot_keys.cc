#include "node/store/sqlite/snapshot_keys.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"

namespace comity::snapshot_keys {
namespace {

constexpr int kPartShift = 54;
constexpr size_t kKeyBytes = 8;

uint64_t PartOf(uint64_t key) { return key >> kPartShift; }

std::string BytesOf(uint64_t key) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(key >> shift & 0xff));
  }
  return bytes;
}

std::string PartContext(absl::string_view period, uint32_t revision,
                        uint64_t part) {
  return absl::StrCat("snapshot-keys/", period, "/", revision, "/", part);
}

bool HasKey(absl::string_view part, absl::string_view key) {
  for (size_t at = 0; at + kKeyBytes <= part.size(); at += kKeyBytes) {
    if (part.substr(at, kKeyBytes) == key) return true;
  }
  return false;
}

}  // namespace

absl::Status Insert(Session& session, const SnapshotRow& row) {
  if (!row.record_keys.has_value()) return absl::OkStatus();
  std::map<uint64_t, std::string> parts;
  for (const uint64_t key : *row.record_keys) {
    parts[PartOf(key)] += BytesOf(key);
  }
  for (const auto& [part, keys] : parts) {
    RETURN_IF_ERROR(session.database.Run(
        "INSERT INTO snapshot_keys VALUES (?, ?, ?, ?)", row.period,
        row.revision, part,
        Seal(session.keys.state, keys,
             PartContext(row.period, row.revision, part), session.random)));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HoldsAny(Session& session, const SnapshotRow& row,
                              const std::vector<uint64_t>& record_keys) {
  for (const uint64_t key : record_keys) {
    const uint64_t part = PartOf(key);
    ASSIGN_OR_RETURN(
        SqliteStatement found,
        session.database.Query("SELECT sealed_keys FROM snapshot_keys WHERE "
                               "period = ? AND revision = ? AND part = ?",
                               row.period, row.revision, part));
    ASSIGN_OR_RETURN(const bool any, found.Step());
    if (!any) continue;
    ASSIGN_OR_RETURN(const std::string keys,
                     Open(session.keys.state, found.Blob(0),
                          PartContext(row.period, row.revision, part)));
    if (HasKey(keys, BytesOf(key))) return true;
  }
  return false;
}

absl::Status Delete(Session& session, absl::string_view period,
                    uint32_t revision) {
  return session.database.Run(
      "DELETE FROM snapshot_keys WHERE period = ? AND revision = ?", period,
      revision);
}

}  // namespace comity::snapshot_keys
