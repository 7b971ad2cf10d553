#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace comity {

// A directory of a test's own, removed with everything in it at the end.
class TestDirectory {
 public:
  TestDirectory() {
    // mkdtemp replaces the last six letters.
    std::string name =
        (std::filesystem::temp_directory_path() / "comity-").string() +
        std::string(6, 'X');
    path_ = mkdtemp(name.data());
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace comity
