// A policy file, a zero byte, and an encoded case: whatever loads is decided as
// its text says. National rules are judged under a grant of everything.
#include "node/wire/policy_file.h"
#include "tests/support/encoded_case.h"
#include "tests/support/flat_form.h"

namespace {

comity::Agreement GrantOfEverything() {
  comity::Grant grant;
  grant.id = "g";
  grant.holder = {"NG"};
  grant.asker = {"NE"};
  grant.role = comity::EnumSet<comity::Role>::FromBits(0x3FE);
  grant.operation = comity::EnumSet<comity::Operation>::FromBits(0xFE);
  grant.purpose = comity::EnumSet<comity::Purpose>::FromBits(0x7E);
  grant.basis = comity::EnumSet<comity::LegalBasis>::FromBits(0x7E);
  grant.release = comity::kShareableGroups;
  grant.tables = {{"", {{"age_group", "sex"}, {}}}};
  comity::Agreement agreement;
  agreement.id = "a";
  agreement.party = {"NG", "NE"};
  agreement.valid_from = absl::FromUnixSeconds(1790000000);
  agreement.valid_until = agreement.valid_from + absl::Hours(24);
  agreement.grants = {grant};
  return agreement;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\0');
  const comity::PolicyFileResult result =
      comity::LoadPolicyFile("f", input.substr(0, end));
  if (result.body.has_value() == !result.findings.empty()) __builtin_trap();
  if (!result.body.has_value()) return 0;
  const auto again = comity::LoadPolicyFile(
      "g", comity::PrintFlatForm(result.body->flat_form));
  if (!again.body.has_value() || again.body->digest != result.body->digest) {
    __builtin_trap();
  }
  comity::PolicySet set;
  if (const auto* agreement =
          std::get_if<comity::Agreement>(&result.body->body)) {
    set.agreements = {*agreement};
  } else {
    set.agreements = {GrantOfEverything()};
  }
  if (const auto* national =
          std::get_if<comity::NationalRules>(&result.body->body)) {
    set.national = *national;
  }
  const comity::CompiledPolicy policy(set);
  const absl::string_view bytes =
      end == absl::string_view::npos ? "" : input.substr(end + 1);
  if (!comity::DifferenceOn(policy, bytes).empty()) __builtin_trap();
  return 0;
}
