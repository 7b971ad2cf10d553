#include "node/service/own_key_status.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/trust_news.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

using Checks = google::protobuf::RepeatedPtrField<operators::v1::StatusCheck>;

// A key that signs, the one beside it, and what partners are told of both.
struct KeyPair {
  std::string name;
  VerifyKey signs;
  VerifyKey beside;
  VerifyKey told;
  std::vector<VerifyKey> past;
};

// Partners that never told that they hold what they are told.
absl::StatusOr<std::vector<std::string>> Behind(const NodeContext& node) {
  std::vector<std::string> behind;
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    ASSIGN_OR_RETURN(const bool due, IsNewsDue(node.store, code));
    if (due) behind.push_back(code.text());
  }
  return behind;
}

UnfinishedRotation Judge(const KeyPair& pair,
                         const std::vector<std::string>& behind) {
  if (pair.signs != pair.told) {
    return {pair.name,
            "two sign; partners hear of the card once nothing is on its way "
            "that one alone has signed",
            ""};
  }
  const bool past = std::find(pair.past.begin(), pair.past.end(),
                              pair.beside) != pair.past.end();
  if (!past) {
    return {pair.name,
            "two sign, and the card names one of them: its replacement was cut "
            "off",
            absl::StrCat("comity node rotate-key ", pair.name,
                         " --dir DIR --root-dir DIR-root, once more")};
  }
  if (!behind.empty()) {
    return {pair.name,
            absl::StrCat("two sign; the card has not reached ",
                         absl::StrJoin(behind, ", ")),
            ""};
  }
  return {pair.name, "two sign, and all partners hold the card",
          absl::StrCat("comity node rotate-key ", pair.name,
                       " --finish --dir DIR ends the one before")};
}

void AddFault(Checks& checks, const std::string& subject,
              const absl::Status& status, const std::string& fix) {
  auto* check = checks.Add();
  check->set_subject(subject);
  check->set_detail(std::string(status.message()));
  check->set_fix(fix);
  check->set_reason(std::string(ReasonName(ReasonOf(status))));
}

void AddRotation(Checks& checks, const UnfinishedRotation& rotation) {
  const std::string subject = rotation.key + " key";
  if (!rotation.fix.empty()) {
    return AddFault(checks, subject,
                    ReasonError(ErrorReason::kVersionConflict, rotation.detail),
                    rotation.fix);
  }
  auto* check = checks.Add();
  check->set_subject(subject);
  check->set_ok(true);
  check->set_detail(rotation.detail);
}

}  // namespace

absl::StatusOr<std::vector<UnfinishedRotation>> UnfinishedRotations(
    const NodeContext& node) {
  const LogSigner::PublicKeys keys = node.signer.public_keys();
  std::vector<UnfinishedRotation> unfinished;
  if (!keys.log_beside && !keys.witness_beside) return unfinished;
  ASSIGN_OR_RETURN(const ParticipantCard told, ParseCard(OwnCardText(node)));
  ASSIGN_OR_RETURN(const std::vector<std::string> behind, Behind(node));
  if (keys.log_beside) {
    unfinished.push_back(Judge(
        {"log", keys.log, *keys.log_beside, told.log_key, told.past_log_keys},
        behind));
  }
  if (keys.witness && keys.witness_beside) {
    unfinished.push_back(Judge({"witness", *keys.witness, *keys.witness_beside,
                                told.witness_key, told.past_witness_keys},
                               behind));
  }
  return unfinished;
}

void AddOwnKeyChecks(const NodeContext& node, Checks& checks) {
  const auto unfinished = UnfinishedRotations(node);
  if (!unfinished.ok()) {
    AddFault(checks, "own keys", unfinished.status(), "see comityd's messages");
  } else {
    for (const UnfinishedRotation& each : *unfinished) {
      AddRotation(checks, each);
    }
  }
  for (const auto& [what, why] : node.untaken->List()) {
    AddFault(checks, what, why,
             "the node goes on with what it read before: restart comityd, with "
             "the passphrase and the PIN of now if keys need them");
  }
  for (const auto& [what, why] : node.unwritten->List()) {
    AddFault(checks, what, why,
             "connections are judged by what was written before, so that a new "
             "partner's may fail; comityd tries again each second: see whether "
             "the disk is full and the folder is there");
  }
}

}  // namespace comity
