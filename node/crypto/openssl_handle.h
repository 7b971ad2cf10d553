#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace comity {

// Owns what OpenSSL made, and gives it back by `Free`:
// OpenSslHandle<BIO, BIO_free_all>.
template <auto Free>
struct OpenSslDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using OpenSslHandle = std::unique_ptr<T, OpenSslDeleter<Free>>;

// Bytes as OpenSSL takes them.
inline const unsigned char* Octets(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* Octets(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// For PEM that is never encrypted: without a callback OpenSSL would ask at the
// terminal, for whoever wrote the file.
inline int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace comity
