#pragma once

#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"

namespace comity {

// A key of 32 bytes from a passphrase by scrypt (RFC 7914) with N = 2^17, r =
// 8, p = 1: 128 MiB and about half a second, for whoever guesses too. `salt` is
// public and fresh for each use, at least 16 bytes.
SecretBytes PassphraseKey(const SecretBytes& passphrase,
                          absl::string_view salt);

}  // namespace comity
