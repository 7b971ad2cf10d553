#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace comity {

// The text of a file of this repository, by its path there; empty if there is
// none.
inline std::string ReadSource(const std::string& path) {
  std::ifstream file(std::string(COMITY_SOURCE_DIR "/") + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace comity
