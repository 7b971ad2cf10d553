#pragma once

#include "absl/status/statusor.h"
#include "node/delivery/dossier.h"
#include "node/wire/dossier_file.h"

namespace comity {

// The dossier with its evidence, without openings: what this node logged is
// proved anew, what the partner logged with the proof that came with it. Events
// that will never be sent, since they build on a refused one, are left out.
// EVIDENCE_MISSING if an event came before proofs were kept.
absl::StatusOr<DossierFile> ExportDossier(const Store& store,
                                          const ParticipantCode& self,
                                          const Dossier& dossier);

}  // namespace comity
