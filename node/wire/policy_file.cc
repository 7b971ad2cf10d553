#include "node/wire/policy_file.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/participant.h"
#include "node/wire/policy_check.h"
#include "node/wire/policy_convert.h"
#include "node/wire/policy_text.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ParseInfoTree = google::protobuf::TextFormat::ParseInfoTree;
using Location = google::protobuf::TextFormat::ParseLocation;

constexpr char kSchema[] = "comity.policy.v1";
constexpr uint32_t kSmallestThreshold = 11;  // design.md law 8
constexpr uint32_t kMostApprovals = 5;

// Walks the parsed file once and collects what is wrong with its meaning.
class MeaningChecker {
 public:
  explicit MeaningChecker(std::vector<TextFault>& faults) : faults_(faults) {}

  // `place` is where the block of `message` opens.
  void Walk(const Message& message, const ParseInfoTree* tree, Location place) {
    const Reflection* reflection = message.GetReflection();
    const auto* type = message.GetDescriptor();
    std::set<std::string> ids;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const int count = field->is_repeated()
                            ? reflection->FieldSize(message, field)
                            : (reflection->HasField(message, field) ? 1 : 0);
      const bool single = !field->is_repeated();
      if (count == 0) {
        if (field->options().GetExtension(pb::need)) {
          Add(place, absl::StrCat("this block lacks \"", field->name(), "\""));
        }
        continue;
      }
      const Location first = Where(tree, field, single ? -1 : 0, place);
      if (field->options().GetExtension(pb::not_carried_out)) {
        Add(first, absl::StrCat("this build does not carry out \"",
                                field->name(), "\"; leave it out"));
      }
      for (int j = 0; j < count; ++j) {
        CheckValue(message, field, single ? -1 : j,
                   Where(tree, field, single ? -1 : j, place), tree, ids);
      }
    }
  }

  void Add(Location place, std::string message) {
    faults_.push_back({place.line + 1, place.column + 1, std::move(message)});
  }

 private:
  static Location Where(const ParseInfoTree* tree, const FieldDescriptor* field,
                        int index, Location fallback) {
    if (tree == nullptr) return fallback;
    const Location at = tree->GetLocation(field, index);
    return at.line < 0 ? fallback : at;
  }

  void CheckValue(const Message& message, const FieldDescriptor* field,
                  int index, Location at, const ParseInfoTree* tree,
                  std::set<std::string>& ids) {
    const Reflection* reflection = message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& child =
            index < 0 ? reflection->GetMessage(message, field)
                      : reflection->GetRepeatedMessage(message, field, index);
        Walk(child,
             tree == nullptr ? nullptr : tree->GetTreeForNested(field, index),
             at);
        CheckUnique(child, at, ids);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT32:
        CheckNumber(field->name(), reflection->GetUInt32(message, field), at);
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value =
            index < 0 ? reflection->GetEnum(message, field)
                      : reflection->GetRepeatedEnum(message, field, index);
        if (value->number() == 0) Add(at, "UNSET is not a value to write");
        return;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        CheckString(field->name(),
                    index < 0
                        ? reflection->GetString(message, field)
                        : reflection->GetRepeatedString(message, field, index),
                    at);
        return;
      default:
        return;
    }
  }

  void CheckNumber(const std::string& field, uint32_t value, Location at) {
    if (value == 0) {
      Add(at, "zero is not a limit; write a refusal instead");
    } else if (field == "k_threshold" && value < kSmallestThreshold) {
      Add(at,
          absl::StrCat("k_threshold must be at least ", kSmallestThreshold));
    } else if (field == "approvals" && value > kMostApprovals) {
      Add(at, absl::StrCat("at most ", kMostApprovals,
                           " approvals can be asked for"));
    }
  }

  void CheckUnique(const Message& rule, Location at,
                   std::set<std::string>& ids) {
    const auto* key = rule.GetDescriptor()->FindFieldByName("id");
    if (key == nullptr) return;
    const std::string id = rule.GetReflection()->GetString(rule, key);
    if (!ids.insert(id).second) {
      Add(at, absl::StrCat("the id \"", id, "\" is used twice"));
    }
  }

  void CheckString(const std::string& field, const std::string& value,
                   Location at) {
    if (field == "id") {
      const bool valid =
          !value.empty() && value.size() <= 64 &&
          std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
          });
      if (!valid) Add(at, "an id is 1 to 64 of a-z, 0-9 and -");
    } else if (field == "party" || field == "holder" || field == "asker" ||
               field == "node" || field == "participant") {
      // "@group" stands where holder and asker do; policy_check.h looks it up.
      const bool group = (field == "holder" || field == "asker") &&
                         absl::StartsWith(value, "@");
      if (!group && !ParticipantCode::Create(value).ok()) {
        Add(at, absl::StrCat("\"", value,
                             "\" is not a participant code: 2 to "
                             "16 of A-Z, 0-9 and -"));
      }
    } else if (absl::StartsWith(field, "valid_") || field == "from" ||
               field == "until") {
      absl::Time time;
      if (!absl::EndsWith(value, "Z") ||
          !absl::ParseTime(absl::RFC3339_sec, value, &time, nullptr)) {
        Add(at, "write a time in UTC such as \"2026-12-01T00:00:00Z\"");
      }
    } else if (field == "schema" && value != kSchema) {
      Add(at, absl::StrCat("the schema must be \"", kSchema, "\""));
    }
  }

  std::vector<TextFault>& faults_;
};

std::string PolicyDigest(absl::string_view flat_form) {
  return Sha256(absl::StrCat("comity.policy.flat.v1\n", flat_form));
}

}  // namespace

std::string PolicyFinding::ToString() const {
  if (line == 0) return absl::StrCat(file, ": error: ", message);
  return absl::StrCat(file, ":", line, ":", column, ": error: ", message);
}

const std::string& PolicyFileBody::kind() const {
  static const std::string kKinds[] = {"agreement", "national", "local"};
  return kKinds[body.index()];
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
  if (faults.empty()) {
    MeaningChecker checker(faults);
    Location start;
    start.line = 0;
    start.column = 0;
    checker.Walk(file, &tree, start);
    if (file.body_case() == pb::PolicyFile::BODY_NOT_SET) {
      checker.Add(start,
                  "the file holds no agreement, national or local block");
    }
    if (faults.empty()) faults = CheckRules(file, tree);
  }
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

absl::StatusOr<PolicySet> AssemblePolicySet(
    absl::string_view self, const std::vector<PolicyFileBody>& files) {
  const auto invalid = [](absl::string_view what) {
    return ReasonError(ErrorReason::kPolicyInvalid, what);
  };
  PolicySet set;
  for (const PolicyFileBody& file : files) {
    if (const auto* agreement = std::get_if<Agreement>(&file.body)) {
      if (set.Find(agreement->id, agreement->digest) != nullptr) {
        return invalid(
            absl::StrCat("the agreement ", agreement->id, " is given twice"));
      }
      if (!self.empty() &&
          std::find(agreement->party.begin(), agreement->party.end(), self) ==
              agreement->party.end()) {
        return invalid(absl::StrCat(self, " is no party of the agreement ",
                                    agreement->id));
      }
      set.agreements.push_back(*agreement);
    } else if (const auto* national = std::get_if<NationalRules>(&file.body)) {
      if (set.national.has_value()) {
        return invalid("two files hold national rules; keep one");
      }
      if (national->node != self) {
        return invalid("the national rules are for another participant");
      }
      set.national = *national;
    } else if (const auto* local = std::get_if<LocalAccess>(&file.body)) {
      if (set.local.has_value()) {
        return invalid("two files hold local access; keep one");
      }
      if (local->node != self) {
        return invalid("the local access is for another participant");
      }
      set.local = *local;
    }
  }
  return set;
}

}  // namespace comity
