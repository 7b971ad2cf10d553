#pragma once

#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"

namespace comity {

// Writes beside the file and renames at the end: a file of that name is whole.
class OutputFile {
 public:
  explicit OutputFile(std::string path)
      : path_(std::move(path)), part_(path_ + ".part"), file_(part_) {}
  ~OutputFile() {
    if (!kept_) std::remove(part_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() { return file_; }
  absl::Status Keep() {
    file_.close();
    kept_ = !file_.fail() && std::rename(part_.c_str(), path_.c_str()) == 0;
    if (kept_) return absl::OkStatus();
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("cannot write ", path_));
  }

 private:
  std::string path_;
  std::string part_;
  std::ofstream file_;
  bool kept_ = false;
};

}  // namespace comity
