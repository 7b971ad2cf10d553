#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"

namespace comity {

// Files of a node's directory. All writing is atomic: a temporary file, fsync,
// rename, fsync of the directory.

// Reads a file that anybody may read, at most 16 MiB. NOT_FOUND or
// STORE_UNAVAILABLE.
absl::StatusOr<std::string> ReadPublicFile(const std::string& path);

// Reads a file with key material. FIELD_INVALID unless it belongs to this user
// and nobody else may read it (mode 0600 or 0400).
absl::StatusOr<SecretBytes> ReadPrivateFile(const std::string& path);

// FIELD_INVALID if something is there that is no file: renaming a file over it
// would take a device's place.
absl::Status CheckReplaceable(const std::string& path);

// Writes with mode 0644 or 0600; FIELD_INVALID as CheckReplaceable.
absl::Status WritePublicFile(const std::string& path, absl::string_view text);
absl::Status WritePrivateFile(const std::string& path, absl::string_view text);

// Changes whenever a file is replaced or written to; empty if there is none.
std::string FileMark(const std::string& path);

// Makes a directory, and those above it, with mode 0700. OK if it is there.
absl::Status MakePrivateDirectory(const std::string& path);

}  // namespace comity
