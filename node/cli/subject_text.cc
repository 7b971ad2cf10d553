#include "node/cli/subject_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/cli/display_name.h"
#include "node/cli/output.h"
#include "node/domain/vocabulary.h"
#include "node/wire/enum_code.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using google::protobuf::Timestamp;
using Line = fed::SubjectLine;

std::string Minute(const Timestamp& time) {
  const auto parsed = FromProtoTime(time);
  return parsed.ok() ? absl::FormatTime("%Y-%m-%d %H:%M UTC", *parsed,
                                        absl::UTCTimeZone())
                     : "";
}

// The list of labels that a line's operation is a code of.
const char* ListOf(fed::SubjectAct act) {
  switch (act) {
    case fed::SUBJECT_ACT_ASKED_BY_OTHER:
    case fed::SUBJECT_ACT_ASKED_OTHER:
      return "Op";
    case fed::SUBJECT_ACT_AT_HOME:
      return "LocalOp";
    case fed::SUBJECT_ACT_BY_NODE:
      return "NodeAct";
    default:
      return "Event";
  }
}

// Writes the parts of one text, one a line.
class Page {
 public:
  explicit Page(Phrasebook words) : words_(std::move(words)) {}

  // Whatever a partner wrote into it is one line.
  void Put(const std::string& text) {
    absl::StrAppend(&text_, OnOneLine(text), "\n");
  }
  void Space() { text_ += "\n"; }
  std::string Take() { return std::move(text_); }

  std::string Participant(const std::string& code) const {
    return code.empty() ? words_.Word("Subject.SOMEBODY")
                        : words_.Word(absl::StrCat("Participant.", code));
  }

  void PutLeftOut(const pb::SubjectRedaction& redact) {
    std::vector<std::string> parts;
    if (redact.partners()) parts.push_back(words_.Word("Subject.PARTNERS"));
    if (redact.times()) parts.push_back(words_.Word("Subject.TIMES"));
    if (redact.own_people()) parts.push_back(words_.Word("Subject.OWN_PEOPLE"));
    if (parts.empty()) return;
    Put(words_.Fill("Subject.LEFT_OUT",
                    {{"list", absl::StrJoin(parts, "; ")}}));
  }

  void PutLine(const Line& line) {
    Space();
    const std::string code =
        EnumCode(*fed::SubjectAct_descriptor(), line.act());
    const std::string what = words_.Fill(
        absl::StrCat("Subject.", code),
        {{"participant", Participant(line.participant())},
         {"operation", words_.Word(absl::StrCat(ListOf(line.act()), ".",
                                                line.operation()))}});
    Put(line.has_time() ? absl::StrCat(Minute(line.time()), "  ", what) : what);
    PutReasons(line);
    PutWhatHappened(line);
  }

  void PutStanding(const pb::WithdrawalStanding& standing) {
    const bool answered = standing.copies_size() > 0 || standing.nothing_held();
    Put("  " +
        words_.Fill(answered ? "Subject.ANSWERED" : "Subject.NOT_ANSWERED",
                    {{"participant", Participant(standing.recipient())}}));
    for (const pb::CopyOutcome& each : standing.copies()) {
      PutCopies(each.copies(), each.outcome(), each.ground(),
                each.has_kept_until() ? Minute(each.kept_until()) : "");
    }
  }

 private:
  void PutPart(const char* key, const std::string& text) {
    if (!text.empty()) Put("  " + words_.Fill(key, {{"text", text}}));
  }
  std::string WordOr(const char* list, const std::string& code) const {
    return code.empty() ? "" : words_.Word(absl::StrCat(list, ".", code));
  }

  // Who, what for and by which right.
  void PutReasons(const Line& line) {
    const std::string role = WordOr("Role", line.role());
    PutPart("Subject.BY", line.organisation().empty() || role.empty()
                              ? absl::StrCat(line.organisation(), role)
                              : absl::StrCat(line.organisation(), ", ", role));
    PutPart("Subject.PURPOSE", WordOr("Purpose", line.purpose()));
    PutPart("Subject.BASIS", WordOr("Basis", line.basis()));
    PutPart("Subject.AGREEMENT", line.agreement_id());
    PutPart("Subject.RULES", absl::StrJoin(line.rules(), ", "));
  }

  void PutWhatHappened(const Line& line) {
    std::vector<std::string> groups;
    for (const int group : line.groups()) {
      groups.push_back(
          WordOr("Field", std::string(Name(static_cast<FieldGroup>(group)))));
    }
    PutPart("Subject.DOCUMENT",
            WordOr("Attachment", EnumCode(*fed::AttachmentKind_descriptor(),
                                          line.attachment())));
    PutPart("Subject.GROUPS", absl::StrJoin(groups, "; "));
    if (line.has_delivered_at()) {
      PutPart("Subject.ARRIVED", Minute(line.delivered_at()));
    }
    for (const fed::ErasedCopies& each : line.copies()) {
      PutCopies(EnumCode(*fed::CopyClass_descriptor(), each.copies()),
                EnumCode(*fed::ErasureOutcome_descriptor(), each.outcome()),
                each.ground(),
                each.has_kept_until() ? Minute(each.kept_until()) : "");
    }
    if (line.refused()) Put("  " + words_.Word("Subject.REFUSED"));
  }

  void PutCopies(const std::string& copies, const std::string& outcome,
                 const std::string& ground, const std::string& until) {
    std::string text = absl::StrCat("  ", WordOr("Copy", copies), ": ",
                                    WordOr("Outcome", outcome));
    if (!ground.empty()) absl::StrAppend(&text, ", ", WordOr("Ground", ground));
    if (!until.empty()) {
      absl::StrAppend(&text, ", ",
                      words_.Fill("Subject.UNTIL", {{"text", until}}));
    }
    Put(text);
  }

  const Phrasebook words_;
  std::string text_;
};

}  // namespace

std::string SubjectReportText(const pb::GetSubjectReportResponse& report,
                              const Phrasebook& words) {
  Page page(WithNames(report.names(), words));
  page.Put(words.Word("Subject.TITLE"));
  page.Put(words.Fill("Subject.MADE",
                      {{"participant", page.Participant(report.participant())},
                       {"time", Minute(report.made_at())}}));
  page.PutLeftOut(report.left_out());
  if (report.lines().empty()) {
    page.Space();
    page.Put(words.Word("Subject.NOTHING"));
  }
  for (const Line& line : report.lines()) page.PutLine(line);
  if (report.withdrawals_size() > 0) {
    page.Space();
    page.Put(words.Word("Subject.WITHDRAWALS"));
  }
  for (const auto& each : report.withdrawals()) page.PutStanding(each);
  page.Space();
  page.Put(words.Word("Subject.CLOSING"));
  return page.Take();
}

std::string SubjectAccountText(const pb::RequestSubjectAccountResponse& answer,
                               const Phrasebook& words) {
  Page page(WithNames(answer.names(), words));
  const std::string who = page.Participant(answer.participant());
  if (!answer.has_account()) {
    page.Put(words.Fill("Subject.NO_ACCOUNT", {{"participant", who}}));
    return page.Take();
  }
  page.Put(words.Fill("Subject.ACCOUNT", {{"participant", who}}));
  page.PutLeftOut(answer.left_out());
  if (answer.account().older_left_out()) {
    page.Put(words.Word("Subject.OLDER"));
  }
  if (answer.account().lines().empty()) {
    page.Space();
    page.Put(words.Word("Subject.NOTHING"));
  }
  for (const Line& line : answer.account().lines()) page.PutLine(line);
  return page.Take();
}

}  // namespace comity
