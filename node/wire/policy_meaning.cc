#include "node/wire/policy_meaning.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "comity/policy/v1/policy.pb.h"
#include "node/disclosure/concentrated_privacy.h"
#include "node/domain/deadline_terms.h"
#include "node/domain/participant.h"
#include "node/wire/policy_convert.h"
#include "node/wire/policy_flat_form.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ParseInfoTree = google::protobuf::TextFormat::ParseInfoTree;
using Location = google::protobuf::TextFormat::ParseLocation;

constexpr absl::string_view kSchema = "comity.policy.v1";
constexpr uint32_t kSmallestThreshold = 11;  // design.md law 8
constexpr uint32_t kMostApprovals = 5;
// Of one table, in thousandths: beyond it noise hides nobody at all.
constexpr uint32_t kMostEpsilon = 10000;
// Deltas of all tables of a period come to 1 in 10000 at most.
constexpr uint32_t kLargestDeltaBudget = 4;

bool IsId(const std::string& value) {
  return !value.empty() && value.size() <= 64 &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool NamesParticipants(const std::string& field) {
  return field == "party" || field == "holder" || field == "asker" ||
         field == "node" || field == "participant";
}

bool IsMoment(const std::string& field) {
  return absl::StartsWith(field, "valid_") || field == "from" ||
         field == "until" || field == "time" || field == "member_on";
}

// What is wrong with the text of a field; empty if nothing is.
std::string FaultOf(const std::string& field, const std::string& value) {
  if (field == "id" && !IsId(value)) {
    return "an id is 1 to 64 of a-z, 0-9 and -";
  }
  if (NamesParticipants(field)) {
    // "@group" stands where holder and asker do; policy_check.h looks it up.
    const bool group =
        (field == "holder" || field == "asker") && absl::StartsWith(value, "@");
    if (group || ParticipantCode::Create(value).ok()) return "";
    return absl::StrCat("\"", value,
                        "\" is not a participant code: 2 to "
                        "16 of A-Z, 0-9 and -");
  }
  absl::Time time;
  if (IsMoment(field) && !ReadUtc(value, time)) {
    return "write a time in UTC such as \"2026-12-01T00:00:00Z\"";
  }
  if (field == "schema" && value != kSchema) {
    return absl::StrCat("the schema must be \"", kSchema, "\"");
  }
  return "";
}

// Walks the parsed file once and collects what is wrong with its fields.
class MeaningChecker {
 public:
  explicit MeaningChecker(std::vector<TextFault>& faults) : faults_(faults) {}

  // `place` is where the block of `message` opens.
  void Walk(const Message& message, const ParseInfoTree* tree, Location place) {
    const auto* type = message.GetDescriptor();
    std::set<std::string> ids;
    for (int i = 0; i < type->field_count(); ++i) {
      CheckField(message, type->field(i), tree, place, ids);
    }
  }

  void Add(Location place, std::string message) {
    faults_.push_back({place.line + 1, place.column + 1, std::move(message)});
  }

 private:
  static Location Where(const ParseInfoTree* tree, const FieldDescriptor* field,
                        int index, Location fallback) {
    if (tree == nullptr) return fallback;
    // Of a list in brackets only its beginning is known.
    Location at = tree->GetLocation(field, index);
    while (at.line < 0 && index > 0) at = tree->GetLocation(field, --index);
    return at.line < 0 ? fallback : at;
  }

  // The values of a field, or that one lacks.
  void CheckField(const Message& message, const FieldDescriptor* field,
                  const ParseInfoTree* tree, Location place,
                  std::set<std::string>& ids) {
    const Reflection* reflection = message.GetReflection();
    const int count = field->is_repeated()
                          ? reflection->FieldSize(message, field)
                          : (reflection->HasField(message, field) ? 1 : 0);
    if (count == 0 && field->options().GetExtension(pb::need)) {
      Add(place, absl::StrCat("this block lacks \"", field->name(), "\""));
    }
    for (int i = 0; i < count; ++i) {
      const int index = field->is_repeated() ? i : -1;
      CheckValue(message, field, index, Where(tree, field, index, place), tree,
                 ids);
    }
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
        CheckSaysSomething(child, at);
        CheckUnique(child, at, ids);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT32:
        CheckNumber(field,
                    index < 0
                        ? reflection->GetUInt32(message, field)
                        : reflection->GetRepeatedUInt32(message, field, index),
                    at);
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

  // A length of time that is longer than it may be, or none.
  void CheckDeadline(const std::string& field, uint32_t value, Location at) {
    const DeadlineTerm* term = &kFollowUpTerm;
    for (const DeadlineTerm& each : kDeadlineTerms) {
      if (field == each.name) term = &each;
    }
    if (value > 0 && value <= term->most) return;
    Add(at, absl::StrCat(field, " lies between 1 and ", term->most));
  }

  void CheckNumber(const FieldDescriptor* described, uint32_t value,
                   Location at) {
    const std::string& field = described->name();
    if (described->containing_type() == pb::Deadlines::descriptor()) {
      return CheckDeadline(field, value, at);
    }
    if (value == 0) {
      Add(at, "zero is not a limit; write a refusal instead");
    } else if (field == "k_threshold" && value < kSmallestThreshold) {
      Add(at,
          absl::StrCat("k_threshold must be at least ", kSmallestThreshold));
    } else if (field == "epsilon_thousandths" && value > kMostEpsilon) {
      Add(at, absl::StrCat("epsilon_thousandths must be at most ", kMostEpsilon,
                           ": more protects nobody"));
    } else if (field == "delta_exponent" && (value < kSmallestDeltaExponent ||
                                             value > kLargestDeltaExponent)) {
      Add(at,
          absl::StrCat("delta_exponent lies between ", kSmallestDeltaExponent,
                       " and ", kLargestDeltaExponent));
    } else if (field == "delta_budget_exponent" &&
               (value < kLargestDeltaBudget || value > kLargestDeltaExponent)) {
      Add(at,
          absl::StrCat("delta_budget_exponent lies between ",
                       kLargestDeltaBudget, " and ", kLargestDeltaExponent));
    } else if (field == "approvals" && value > kMostApprovals) {
      Add(at, absl::StrCat("at most ", kMostApprovals,
                           " approvals can be asked for"));
    }
  }

  // The flat form, and so the digest, holds nothing of an empty block; of every
  // other kind of block of a policy, some field is needed.
  void CheckSaysSomething(const Message& block, Location at) {
    const auto* type = block.GetDescriptor();
    if (type != pb::When::descriptor() && type != pb::Duties::descriptor() &&
        type != pb::Deadlines::descriptor()) {
      return;
    }
    if (FlattenMessage(block) == "\n") {
      Add(at, "this block says nothing; fill it in or leave it out");
    }
  }

  void CheckUnique(const Message& rule, Location at,
                   std::set<std::string>& ids) {
    if (rule.GetDescriptor() == pb::RedactRule::descriptor()) {
      const auto& redact = static_cast<const pb::RedactRule&>(rule);
      const std::string& field = pb::Field::Value_Name(redact.field());
      if (!ids.insert(field).second) {
        Add(at, absl::StrCat(field, " is made coarser twice; keep one"));
      }
      return;
    }
    const auto* key = rule.GetDescriptor()->FindFieldByName("id");
    if (key == nullptr) return;
    const std::string id = rule.GetReflection()->GetString(rule, key);
    if (!ids.insert(id).second) {
      Add(at, absl::StrCat("the id \"", id, "\" is used twice"));
    }
  }

  void CheckString(const std::string& field, const std::string& value,
                   Location at) {
    // An escape such as "\n" could forge lines of the rendering people sign.
    if (FindBadText(value).line != 0 ||
        value.find_first_of("\n\r\t") != std::string::npos) {
      Add(at, "a line break or an invisible character stands in this text");
      return;
    }
    const std::string fault = FaultOf(field, value);
    if (!fault.empty()) Add(at, fault);
  }

  std::vector<TextFault>& faults_;
};

}  // namespace

std::vector<TextFault> CheckFields(const Message& file,
                                   const ParseInfoTree& tree) {
  std::vector<TextFault> faults;
  Location start;
  start.line = 0;
  start.column = 0;
  MeaningChecker(faults).Walk(file, &tree, start);
  return faults;
}

}  // namespace comity
