#include "node/wire/policy_file.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <variant>

#include "absl/strings/str_cat.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/wire/policy_check.h"
#include "node/wire/policy_convert.h"
#include "node/wire/policy_flat_form.h"
#include "node/wire/policy_meaning.h"
#include "node/wire/policy_text.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using ParseInfoTree = google::protobuf::TextFormat::ParseInfoTree;
std::string PolicyDigest(absl::string_view flat_form) {
  return Sha256(absl::StrCat("comity.policy.flat.v1\n", flat_form));
}

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kPolicyInvalid, what);
}

absl::Status AddBody(absl::string_view self, const Agreement& agreement,
                     PolicySet& set) {
  if (set.Find(agreement.id, agreement.digest) != nullptr) {
    return Invalid(
        absl::StrCat("the agreement ", agreement.id, " is given twice"));
  }
  const auto& party = agreement.party;
  if (!self.empty() &&
      std::find(party.begin(), party.end(), self) == party.end()) {
    return Invalid(
        absl::StrCat(self, " is no party of the agreement ", agreement.id));
  }
  set.agreements.push_back(agreement);
  return absl::OkStatus();
}

absl::Status AddBody(absl::string_view self, const NationalRules& national,
                     PolicySet& set) {
  if (set.national.has_value()) {
    return Invalid("two files hold national rules; keep one");
  }
  if (national.node != self) {
    return Invalid("the national rules are for another participant");
  }
  set.national = national;
  return absl::OkStatus();
}

absl::Status AddBody(absl::string_view self, const LocalAccess& local,
                     PolicySet& set) {
  if (set.local.has_value()) {
    return Invalid("two files hold local access; keep one");
  }
  if (local.node != self) {
    return Invalid("the local access is for another participant");
  }
  set.local = local;
  return absl::OkStatus();
}

}  // namespace

std::string PolicyFinding::ToString() const {
  if (line == 0) return absl::StrCat(file, ": error: ", message);
  return absl::StrCat(file, ":", line, ":", column, ": error: ", message);
}

const std::string& PolicyFileBody::kind() const {
  static const std::array<std::string, 3> kinds = {"agreement", "national",
                                                   "local"};
  return kinds.at(body.index());
}

std::string PolicyFileBody::id() const {
  const auto* agreement = std::get_if<Agreement>(&body);
  return agreement == nullptr ? "" : agreement->id;
}

uint32_t PolicyFileBody::revision() const {
  return std::visit([](const auto& each) { return each.revision; }, body);
}

PolicyFileResult LoadPolicyFile(absl::string_view file_name,
                                absl::string_view text) {
  pb::PolicyFile file;
  ParseInfoTree tree;
  std::vector<TextFault> faults = ReadStrictText(text, &file, &tree);
  // What parses is read to its end, so that one run tells all faults.
  if (faults.empty() || file.ByteSizeLong() > 0) {
    // What a token says of a text is said more plainly.
    const std::vector<TextFault> tokens = faults;
    for (TextFault& fault : CheckFields(file, tree)) {
      const bool said = std::any_of(
          tokens.begin(), tokens.end(),
          [&](const TextFault& other) { return other.line == fault.line; });
      if (!said) faults.push_back(std::move(fault));
    }
    if (file.body_case() == pb::PolicyFile::BODY_NOT_SET) {
      faults.push_back(
          {1, 1, "the file holds no agreement, national or local block"});
    }
    for (TextFault& fault : CheckRules(file, tree)) {
      faults.push_back(std::move(fault));
    }
  }
  std::stable_sort(
      faults.begin(), faults.end(), [](const TextFault& a, const TextFault& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
      });
  PolicyFileResult result;
  for (TextFault& fault : faults) {
    result.findings.push_back({std::string(file_name), fault.line, fault.column,
                               std::move(fault.message)});
  }
  if (!result.findings.empty()) return result;
  PolicyFileBody body;
  body.flat_form = FlattenMessage(file);
  body.digest = PolicyDigest(body.flat_form);
  body.body = ConvertBody(file, tree, file_name, body.digest);
  result.body = std::move(body);
  return result;
}

absl::StatusOr<PolicyFileBody> LoadPolicyBody(absl::string_view file_name,
                                              absl::string_view text) {
  PolicyFileResult loaded = LoadPolicyFile(file_name, text);
  if (loaded.body.has_value()) return *std::move(loaded.body);
  return ReasonError(ErrorReason::kPolicyInvalid,
                     loaded.findings[0].ToString());
}

absl::StatusOr<PolicySet> AssemblePolicySet(
    absl::string_view self, const std::vector<PolicyFileBody>& files) {
  PolicySet set;
  for (const PolicyFileBody& file : files) {
    RETURN_IF_ERROR(std::visit(
        [&](const auto& body) { return AddBody(self, body, set); }, file.body));
  }
  return set;
}

}  // namespace comity
