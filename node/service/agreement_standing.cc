#include "node/service/agreement_standing.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "node/service/federation_service.h"

namespace comity {
namespace {

using Facts = HandshakeFacts::AgreementFacts;
using Revisions = std::vector<Facts>;

constexpr size_t kMostNotHere = 16;

std::map<std::string, Revisions> ById(const HandshakeFacts& facts) {
  std::map<std::string, Revisions> held;
  for (const Facts& each : facts.agreements) held[each.id].push_back(each);
  return held;
}

bool Holds(const Revisions& revisions, const std::string& digest) {
  return std::any_of(revisions.begin(), revisions.end(),
                     [&](const Facts& each) { return each.digest == digest; });
}

// A revision of these that is not among those; 0: none.
uint32_t OnlyIn(const Revisions& these, const Revisions& those) {
  for (const Facts& each : these) {
    if (!Holds(those, each.digest)) return each.revision;
  }
  return 0;
}

ComparedAgreement Compare(const std::string& id, const Revisions& ours,
                          const Revisions& theirs) {
  if (theirs.empty()) return {id, AgreementStanding::kNotActivatedThere};
  if (!Holds(theirs, ours.back().digest) ||
      !Holds(ours, theirs.back().digest)) {
    return {id, AgreementStanding::kDiffers};
  }
  return {id, AgreementStanding::kSame, OnlyIn(ours, theirs),
          OnlyIn(theirs, ours)};
}

std::string WordsOf(const ComparedAgreement& agreement) {
  switch (agreement.standing) {
    case AgreementStanding::kDiffers:
      return "the digests differ";
    case AgreementStanding::kNotActivatedThere:
      return "the partner has not activated it";
    case AgreementStanding::kNotActivatedHere:
      return "the partner has activated it, and this node has not";
    case AgreementStanding::kSame:
      break;
  }
  std::string words = "the same digest on both sides";
  if (agreement.only_here != 0) {
    absl::StrAppend(&words, "; revision ", agreement.only_here,
                    ", which waits for its switch here, is not there yet");
  }
  if (agreement.only_there != 0) {
    absl::StrAppend(&words, "; revision ", agreement.only_there,
                    ", which waits for its switch there, is not here yet");
  }
  return words;
}

// "as of 14:31 UTC", with the day unless it is today.
std::string AsOf(absl::Time seen, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const bool today = absl::ToCivilDay(seen, utc) == absl::ToCivilDay(now, utc);
  return absl::FormatTime(
      today ? ", as of %H:%M UTC" : ", as of %Y-%m-%d %H:%M UTC", seen, utc);
}

std::string NextStep(const ComparedAgreement& agreement,
                     const ParticipantCode& partner, bool collects) {
  std::string step =
      absl::StrCat("comity policy compare ", partner.text(), " ", agreement.id);
  if (collects) {
    step =
        "its file cannot be read from here: have its administrators read out "
        "the digest (comity policy digest FILE)";
  }
  if (agreement.standing == AgreementStanding::kNotActivatedThere) {
    return step + ", then ask the partner's administrators to activate it";
  }
  return step + ", then both activate the same file";
}

std::string SwitchesThatWait(size_t count, absl::Time next) {
  if (count == 0) return "";
  const std::string moment =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", next, absl::UTCTimeZone());
  if (count == 1) return absl::StrCat(", 1 switch waits for ", moment);
  return absl::StrCat(", ", count, " switches wait, the next for ", moment);
}

}  // namespace

std::vector<ComparedAgreement> CompareAgreements(const HandshakeFacts& ours,
                                                 const HandshakeFacts& theirs) {
  const auto here = ById(ours);
  const auto there = ById(theirs);
  std::vector<ComparedAgreement> compared;
  for (const auto& [id, revisions] : here) {
    const auto found = there.find(id);
    compared.push_back(Compare(
        id, revisions, found == there.end() ? Revisions() : found->second));
  }
  size_t not_here = 0;
  for (const auto& [id, revisions] : there) {
    if (here.contains(id) || ++not_here > kMostNotHere) continue;
    compared.push_back({id, AgreementStanding::kNotActivatedHere});
  }
  return compared;
}

std::vector<AgreementDifference> KnownDifferences(const NodeContext& node) {
  std::vector<AgreementDifference> differences;
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    const auto seen = node.handshakes->Last(code);
    if (!seen.has_value()) continue;
    for (const ComparedAgreement& each :
         CompareAgreements(OwnHandshake(node, code), seen->facts)) {
      if (each.standing == AgreementStanding::kSame) continue;
      differences.push_back({code, each.id, WordsOf(each), seen->at,
                             NextStep(each, code, card.CollectsMail())});
    }
  }
  return differences;
}

void CheckAgreementsWith(const NodeContext& node,
                         const ParticipantCode& partner, bool collects,
                         StatusChecks& checks) {
  const HandshakeFacts ours = OwnHandshake(node, partner);
  const auto seen = node.handshakes->Last(partner);
  if (!seen.has_value()) {
    if (ours.agreements.empty()) return;
    AddGood(checks, "agreements",
            collects
                ? "not compared yet: it has not called since this node started"
                : "not compared yet: no handshake since this node started");
    return;
  }
  for (const ComparedAgreement& each : CompareAgreements(ours, seen->facts)) {
    const std::string subject = absl::StrCat("agreement ", each.id);
    const std::string detail = WordsOf(each) + AsOf(seen->at, node.clock.Now());
    if (each.standing == AgreementStanding::kSame) {
      AddGood(checks, subject, detail);
    } else {
      AddBad(checks, subject, ErrorReason::kAgreementNotInForce, detail,
             NextStep(each, partner, collects));
    }
  }
}

void CheckOwnAgreements(const NodeContext& node, const PolicySet& set,
                        StatusChecks& checks) {
  const absl::Time now = node.clock.Now();
  const auto rows = node.store.ListPolicies(now);
  if (!rows.ok()) {
    return AddBad(checks, "agreements", ReasonOf(rows.status()),
                  rows.status().message(), "see comityd's messages");
  }
  size_t in_force = 0;
  size_t waiting = 0;
  size_t outside = 0;
  absl::Time next = absl::InfiniteFuture();
  for (const PolicyRow& row : *rows) {
    const Agreement* loaded = set.Find(row.id, row.digest);
    if (loaded == nullptr) continue;
    if (row.effective_at > now) {
      ++waiting;
      next = std::min(next, row.effective_at);
    } else if (now < loaded->valid_from || now >= loaded->valid_until) {
      ++outside;
    } else {
      ++in_force;
    }
  }
  std::string detail =
      absl::StrCat(in_force, " in force", SwitchesThatWait(waiting, next));
  if (outside > 0) {
    absl::StrAppend(&detail, ", ", outside, " before or after its days");
  }
  if (in_force + waiting > 0) return AddGood(checks, "agreements", detail);
  AddBad(checks, "agreements", ErrorReason::kAgreementNotInForce, detail,
         "two administrators sign the agreement's file (comity policy sign), "
         "then comity policy activate");
}

}  // namespace comity
