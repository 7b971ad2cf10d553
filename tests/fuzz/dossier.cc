#include "node/audit/dossier_verifier.h"

// An exported dossier, as somebody hands it to a court.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = comity::ParseDossierFile(text);
  if (!file.ok()) return 0;
  // One spelling for each dossier.
  if (comity::FormatDossierFile(*file) != text) __builtin_trap();
  static const auto* key = new comity::VerifyKey(
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519)
          .public_key());
  // Nobody signed with this key.
  const comity::DossierVerdict verdict = comity::VerifyDossier(
      *file, {{file->parties.holder, *key}, {file->parties.receiver, *key}});
  if (verdict.Holds()) __builtin_trap();
  return 0;
}
