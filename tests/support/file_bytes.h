#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace comity {

// A whole file; empty if it is not there.
inline std::string ReadBytes(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// The files of a store that a process left when it died: its own one and its
// journal. What stood at `path` before must be closed.
inline void WriteStoreFiles(const std::string& path, const std::string& file,
                            const std::string& journal) {
  std::filesystem::remove(path + "-shm");
  std::ofstream(path, std::ios::binary) << file;
  std::ofstream(path + "-wal", std::ios::binary) << journal;
}

}  // namespace comity
