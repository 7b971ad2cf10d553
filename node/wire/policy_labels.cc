#include "node/wire/policy_labels.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/policy/v1/labels.pb.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/policy/plain_text.h"
#include "node/wire/embedded_text.h"
#include "node/wire/policy_meaning.h"
#include "node/wire/policy_text.h"

namespace comity {

std::vector<std::string> LabelLanguages() { return {"en", "fr", "pt"}; }

absl::StatusOr<Phrasebook> LoadPhrasebook(absl::string_view language) {
  const absl::string_view text =
      EmbeddedText(absl::StrCat("labels/", language, ".labels"));
  if (text.empty()) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("there are no words in \"", language, "\"; there are ",
                     absl::StrJoin(LabelLanguages(), ", ")));
  }
  policy::v1::Labels labels;
  google::protobuf::TextFormat::ParseInfoTree tree;
  std::vector<TextFault> faults = ReadStrictText(text, &labels, &tree);
  if (faults.empty()) faults = CheckFields(labels, tree);
  std::map<std::string, std::string> words;
  for (const policy::v1::Label& label : labels.label()) {
    if (!words.emplace(label.key(), label.text()).second) {
      faults.push_back({0, 0, absl::StrCat(label.key(), " stands twice")});
    }
  }
  if (!faults.empty()) {
    return ReasonError(ErrorReason::kInternal,
                       absl::StrCat("labels ", language, ":", faults[0].line,
                                    ": ", faults[0].message));
  }
  return Phrasebook(std::move(words));
}

std::string RenderPlainText(const PolicyFileBody& body,
                            const Phrasebook& phrasebook) {
  return std::visit(
      [&](const auto& each) { return RenderPlainText(each, phrasebook); },
      body.body);
}

}  // namespace comity
