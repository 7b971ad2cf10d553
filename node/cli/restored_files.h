#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "node/wire/backup_file.h"

namespace comity {

// Writes what a backup holds below one directory, each file durable and in its
// mode before the next begins. One file, the configuration, waits until the
// rest was checked. Used by one thread.
class RestoredFiles : public BackupSink {
 public:
  // `last` is the path of the file that waits, relative as all paths are.
  RestoredFiles(std::string directory, std::string last)
      : directory_(std::move(directory)), last_(std::move(last)) {}

  absl::Status Begin(const BackupEntry& entry) override;
  absl::Status Append(absl::string_view bytes) override;
  absl::Status End() override;

  // How many files were written so far.
  uint64_t count() const { return count_; }

  // What the file that waits holds; empty if there was none.
  const std::string& waiting() const { return waiting_; }

  // Writes the file that waits. INTEGRITY_FAILURE if there was none.
  absl::Status Complete();

 private:
  std::string PathOf(const std::string& name) const {
    return directory_ + "/" + name;
  }

  const std::string directory_;
  const std::string last_;
  BackupEntry entry_;
  std::ofstream file_;
  std::string waiting_;
  bool has_last_ = false;
  uint64_t count_ = 0;
};

}  // namespace comity
