#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/domain/case_facts.h"

namespace comity {

// The stored form of a case's facts, version 4: numbers big-endian, texts and
// lists with a 32-bit length, optional values with a presence byte. The case id
// and version are not part of it.
std::string EncodeFacts(const CaseFacts& facts);

// INTEGRITY_FAILURE unless `bytes` is exactly one encoding.
absl::StatusOr<CaseFacts> DecodeFacts(absl::string_view bytes);

}  // namespace comity
