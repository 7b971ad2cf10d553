#include "node/policy/plain_text.h"

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/domain/deadline_terms.h"
#include "node/domain/thousandths.h"

namespace comity {
namespace {

using Texts = std::vector<std::string>;
using Filled = std::map<std::string, std::string>;

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// Writes one file, line by line.
class Page {
 public:
  explicit Page(Phrasebook words) : words_(std::move(words)) {}

  // One sentence, indented by `depth` steps.
  void Line(int depth, Frame frame, const Filled& filled = {}) {
    text_.append(static_cast<size_t>(depth) * 2, ' ');
    absl::StrAppend(&text_, words_.Sentence(frame, filled), "\n");
  }
  void Gap() { text_ += '\n'; }

  // "a, b and c"; with semicolons where an item has a comma or that word
  // itself, so that nobody can misread where one ends.
  std::string Join(const Texts& texts, Frame last) const {
    const std::string word = absl::StrCat(" ", words_.Sentence(last), " ");
    const bool long_items =
        std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
          return absl::StrContains(text, ",") || absl::StrContains(text, word);
        });
    const std::string comma = long_items && texts.size() > 1
                                  ? words_.Sentence(Frame::kSemicolon)
                                  : ",";
    std::string joined;
    for (size_t i = 0; i < texts.size(); ++i) {
      const bool ends = i + 1 == texts.size();
      if (i > 0 && (!ends || long_items)) absl::StrAppend(&joined, comma);
      if (i > 0) joined += ends ? word : " ";
      joined += texts[i];
    }
    return joined;
  }

  // Codes and "@group" by their names, in the order of the codes.
  std::string Participants(Texts codes, Frame last) const {
    std::sort(codes.begin(), codes.end());
    Texts names;
    for (const std::string& code : codes) {
      names.push_back(code[0] == '@' ? words_.Sentence(Frame::kGroupName,
                                                       {{"id", code.substr(1)}})
                                     : Participant(code));
    }
    return Join(names, last);
  }
  std::string Participant(const std::string& code) const {
    return words_.Word(absl::StrCat("Participant.", code));
  }

  template <typename Enum>
  std::string Values(const char* type, EnumSet<Enum> values, Frame last) const {
    Texts texts;
    for (const Enum value : values.Values()) texts.push_back(Word(type, value));
    return Join(texts, last);
  }
  template <typename Enum>
  std::string Word(const char* type, Enum value) const {
    return Named(type, std::string(Name(value)));
  }
  std::string Named(const char* type, const std::string& name) const {
    return words_.Word(absl::StrCat(type, ".", name));
  }

  // A sentence about a set or a list; nothing if it is empty.
  template <typename Enum>
  void Set(int depth, Frame frame, const char* type, EnumSet<Enum> values,
           Frame last = Frame::kOr) {
    if (values.empty()) return;
    Line(depth, frame, {{"list", Values(type, values, last)}});
  }
  void List(int depth, Frame frame, Texts list) {
    if (list.empty()) return;
    std::sort(list.begin(), list.end());
    for (std::string& one : list) {
      if (one == "*") one = words_.Sentence(Frame::kEveryOrganisation);
    }
    Line(depth, frame, {{"list", Join(list, Frame::kOr)}});
  }
  // A number; nothing if it is not written.
  void Number(int depth, Frame frame, uint32_t number) {
    if (number != 0) Line(depth, frame, {{"number", absl::StrCat(number)}});
  }
  // A fraction; nothing if it is not written.
  void Thousandths(int depth, Frame frame, uint32_t number) {
    if (number != 0) Line(depth, frame, {{"number", ThousandthsText(number)}});
  }
  // How long something may take, as the file says or by default.
  void Length(int depth, const DeadlineText& text, bool stated) {
    const std::string sentence = words_.Fill(absl::StrCat("Length.", text.name),
                                             {{"number", text.length}});
    Line(depth, stated ? Frame::kStatedLength : Frame::kDefaultLength,
         {{"text", sentence}});
  }
  // A text; nothing if it is not written.
  void Text(int depth, Frame frame, const std::string& text) {
    if (!text.empty()) Line(depth, frame, {{"text", text}});
  }

  std::string End(Frame closing, const std::string& digest) {
    Gap();
    Line(0, closing);
    Line(0, Frame::kDigest, {{"digest", absl::BytesToHexString(digest)}});
    return std::move(text_);
  }

 private:
  const Phrasebook words_;
  std::string text_;
};

void WriteDuties(Page& page, const Duties& duties) {
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (duties.redact[i] == Redaction::kUnset) continue;
    page.Line(1, Frame::kRedact,
              {{"field", page.Word("Field", static_cast<FieldGroup>(i))},
               {"how", page.Word("Redact", duties.redact[i])}});
  }
  page.Number(1, Frame::kApprovals, duties.approvals);
  page.Set(1, Frame::kNotify, "Notice", duties.notify, Frame::kAnd);
  page.Number(1, Frame::kMaxPerHour, duties.max_per_hour);
  page.Number(1, Frame::kMaxPerDay, duties.max_per_day);
  page.Number(1, Frame::kMaxPerMonth, duties.max_per_month);
  page.Number(1, Frame::kMaxPerOfficer, duties.max_per_officer_per_day);
  page.Number(1, Frame::kThreshold, duties.k_threshold);
  page.Number(1, Frame::kBudget, duties.yearly_budget);
  if (duties.count_method != CountMethod::kUnset) {
    page.Line(1, Frame::kCountMethod,
              {{"how", page.Word("Counting", duties.count_method)}});
  }
  if (duties.aggregation != Aggregation::kUnset) {
    page.Line(1, Frame::kAggregation,
              {{"how", page.Word("Aggregation", duties.aggregation)}});
  }
  page.Number(1, Frame::kLinkedTables, duties.linked_tables);
  page.Thousandths(1, Frame::kEpsilon, duties.epsilon_thousandths);
  page.Thousandths(1, Frame::kEpsilonAsker, duties.epsilon_asker_thousandths);
  page.Thousandths(1, Frame::kEpsilonAll, duties.epsilon_all_thousandths);
  page.Number(1, Frame::kDelta, duties.delta_exponent);
  page.Number(1, Frame::kDeltaBudget, duties.delta_budget_exponent);
  page.Number(1, Frame::kRetention, duties.retention_days);
  if (duties.no_onward_transfer) page.Line(1, Frame::kNoOnward);
}

// All of them: who signs sees how long everybody has.
void WriteDeadlines(Page& page, const Agreement& agreement) {
  const Texts& stated = agreement.stated_deadlines;
  if (stated.empty() && !agreement.GrantsReferrals()) return;
  page.Gap();
  page.Line(0, Frame::kDeadlines);
  for (const DeadlineText& text : DeadlineTexts(agreement.deadlines)) {
    page.Length(
        1, text,
        std::find(stated.begin(), stated.end(), text.name) != stated.end());
  }
}

void WriteWhen(Page& page, Frame heading, const When& when) {
  if (when == When{}) return;
  page.Line(1, heading);
  page.Set(2, Frame::kConsent, "Consent", when.consent);
  page.Set(2, Frame::kAge, "AgeClass", when.age);
  page.Set(2, Frame::kRiskAnyOf, "Risk", when.risk_any_of);
  page.Set(2, Frame::kRiskNoneOf, "Risk", when.risk_none_of);
  page.Set(2, Frame::kOrigin, "Relation", when.origin);
  page.Set(2, Frame::kExploitation, "Relation", when.exploitation);
  page.Set(2, Frame::kStage, "Stage", when.stage);
  page.Set(2, Frame::kRecordAge, "RecordAge", when.record_age);
}

void WriteMember(Page& page, const Membership& member) {
  const bool from = member.from != absl::InfinitePast();
  const bool until = member.until != absl::InfiniteFuture();
  page.Line(1,
            from && until ? Frame::kMemberBetween
            : from        ? Frame::kMemberFrom
            : until       ? Frame::kMemberUntil
                          : Frame::kMember,
            {{"participant", page.Participant(member.participant)},
             {"from", from ? TimeText(member.from) : ""},
             {"until", until ? TimeText(member.until) : ""}});
}

void WriteGroups(Page& page, const std::vector<ParticipantGroup>& groups) {
  for (const ParticipantGroup& group : groups) {
    page.Gap();
    page.Line(0, Frame::kGroup, {{"id", group.id}});
    for (const Membership& member : group.members) WriteMember(page, member);
  }
  if (!groups.empty()) page.Line(0, Frame::kGroupRule);
}

template <typename Rule>
void WriteHeading(Page& page, Frame frame, const Rule& rule) {
  page.Gap();
  page.Line(0, frame,
            {{"id", rule.id}, {"line", absl::StrCat(rule.places.rule.line)}});
}

void WriteParties(Page& page, const Grant& grant) {
  Texts holder = grant.holder;
  Texts asker = grant.asker;
  std::sort(holder.begin(), holder.end());
  std::sort(asker.begin(), asker.end());
  if (holder == asker) {
    page.Line(1, Frame::kDisclosesMutually,
              {{"list", page.Participants(holder, Frame::kAnd)}});
    return;
  }
  page.Line(1, Frame::kDiscloses,
            {{"holder", page.Participants(holder, Frame::kOr)},
             {"asker", page.Participants(asker, Frame::kOr)}});
}

// What is told of the columns that stand by themselves; nothing where it is
// counts of persons alone.
void WriteMeasures(Page& page, const std::vector<TableScope>& scopes) {
  EnumSet<Measure> measures;
  for (const TableScope& scope : scopes) {
    if (scope.name.empty()) measures = measures.With(scope.table.measure);
  }
  if (measures.Minus({Measure::kPersons}).empty()) return;
  page.Set(1, Frame::kMeasure, "Measure", measures, Frame::kAnd);
}

// Each indicator with its title, then the other columns, each once.
void WriteTables(Page& page, const std::vector<TableScope>& scopes) {
  Texts indicators;
  std::set<std::string> by;
  for (const TableScope& scope : scopes) {
    if (scope.name.empty()) {
      by.insert(scope.table.by.begin(), scope.table.by.end());
    } else {
      const std::string code = scope.name.substr(0, scope.name.find('/'));
      indicators.push_back(
          absl::StrCat(scope.name, " (", page.Named("Indicator", code), ")"));
    }
  }
  if (!indicators.empty()) {
    page.Line(1, Frame::kIndicator,
              {{"list", page.Join(indicators, Frame::kAnd)}});
  }
  if (by.empty()) return;
  Texts columns;
  for (const std::string& column : by) {
    columns.push_back(page.Named("Column", column));
  }
  page.Line(1, Frame::kColumns, {{"list", page.Join(columns, Frame::kAnd)}});
  WriteMeasures(page, scopes);
}

// Where no file says it: who signs sees it all the same.
void WriteUsual(Page& page, const Agreement& agreement, const Grant& grant) {
  if (!grant.operation.Contains(Operation::kAggregateCount)) return;
  const Duties all = Join(agreement.duties, grant.duties);
  page.Number(1, Frame::kDeltaBudgetUsual, UnsaidDeltaBudget(all));
  page.Number(1, Frame::kLinkedTablesUsual,
              all.linked_tables == 0 ? kUsualLinkedTables : 0);
}

void WriteGrant(Page& page, const Agreement& agreement, const Grant& grant) {
  WriteHeading(page, Frame::kRule, grant);
  WriteParties(page, grant);
  page.Set(1, Frame::kRole, "Role", grant.role);
  page.List(1, Frame::kOrganisation, grant.organisation);
  page.Set(1, Frame::kOperation, "Op", grant.operation);
  page.Set(1, Frame::kPurpose, "Purpose", grant.purpose);
  page.Set(1, Frame::kBasis, "Basis", grant.basis);
  WriteTables(page, grant.tables);
  WriteWhen(page, Frame::kGrantWhen, grant.when);
  if (grant.release.empty()) page.Line(1, Frame::kReleaseNothing);
  page.Set(1, Frame::kRelease, "Field", grant.release, Frame::kAnd);
  if (grant.break_glass) page.Line(1, Frame::kBreakGlass);
  WriteDuties(page, grant.duties);
  WriteUsual(page, agreement, grant);
  if (grant.valid_until.has_value()) {
    page.Line(1, Frame::kGrantUntil, {{"until", TimeText(*grant.valid_until)}});
  }
  page.Text(1, Frame::kNote, grant.note);
}

void WriteDeny(Page& page, const Deny& deny) {
  WriteHeading(page, Frame::kDenyRule, deny);
  if (!deny.asker.empty()) {
    page.Line(1, Frame::kAskedBy,
              {{"list", page.Participants(deny.asker, Frame::kOr)}});
  }
  page.Set(1, Frame::kRole, "Role", deny.role);
  page.List(1, Frame::kOrganisation, deny.organisation);
  page.Set(1, Frame::kOperation, "Op", deny.operation);
  page.Set(1, Frame::kPurpose, "Purpose", deny.purpose);
  WriteWhen(page, Frame::kDenyWhen, deny.when);
  if (deny.withhold.empty()) page.Line(1, Frame::kRefuses);
  page.Set(1, Frame::kWithholds, "Field", deny.withhold, Frame::kAnd);
  if (deny.break_glass_may_override) page.Line(1, Frame::kOverride);
  page.Text(1, Frame::kReason, deny.reason);
}

void WriteRequire(Page& page, const Require& require) {
  WriteHeading(page, Frame::kRequireRule, require);
  if (!require.asker.empty()) {
    page.Line(1, Frame::kAskedBy,
              {{"list", page.Participants(require.asker, Frame::kOr)}});
  }
  page.Set(1, Frame::kOperation, "Op", require.operation);
  WriteWhen(page, Frame::kDenyWhen, require.when);
  page.Line(1, Frame::kAdds);
  WriteDuties(page, require.duties);
}

void WriteAllow(Page& page, const LocalGrant& allow) {
  WriteHeading(page, Frame::kRule, allow);
  page.Set(1, Frame::kRole, "Role", allow.role);
  page.List(1, Frame::kOrganisation, allow.organisation);
  page.List(1, Frame::kPerson, allow.person);
  page.Set(1, Frame::kMay, "LocalOp", allow.operation, Frame::kAnd);
  page.Text(1, Frame::kScope, page.Word("Scope", allow.scope));
  if (allow.valid_from != absl::InfinitePast()) {
    page.Line(1, Frame::kFrom, {{"from", TimeText(allow.valid_from)}});
  }
  if (allow.valid_until != absl::InfiniteFuture()) {
    page.Line(1, Frame::kUntil, {{"until", TimeText(allow.valid_until)}});
  }
}

template <typename Body>
void WriteNodeHeading(Page& page, Frame frame, const Body& body) {
  page.Line(0, frame,
            {{"node", page.Participant(body.node)}, {"title", body.title}});
  page.Line(0, Frame::kRevision, {{"revision", absl::StrCat(body.revision)}});
}

}  // namespace

std::string RenderPlainText(const Agreement& agreement,
                            const Phrasebook& phrasebook) {
  Page page(WithNames(agreement, phrasebook));
  page.Line(0, Frame::kAgreement, {{"title", agreement.title}});
  page.Line(
      0, Frame::kIdentity,
      {{"id", agreement.id}, {"revision", absl::StrCat(agreement.revision)}});
  page.Line(0, Frame::kParties,
            {{"list", page.Participants(agreement.party, Frame::kAnd)}});
  for (const Filled& name : NameTexts(agreement)) {
    page.Line(0, Frame::kPartyName, name);
  }
  page.Text(0, Frame::kInstrument, agreement.legal_instrument);
  page.Line(0, Frame::kValidity,
            {{"from", TimeText(agreement.valid_from)},
             {"until", TimeText(agreement.valid_until)}});
  if (agreement.emergency) page.Line(0, Frame::kEmergency);
  WriteGroups(page, agreement.groups);
  if (!(agreement.duties == Duties{})) {
    page.Gap();
    page.Line(0, Frame::kEveryRelease);
    WriteDuties(page, agreement.duties);
  }
  WriteDeadlines(page, agreement);
  for (const Grant& each : agreement.grants) WriteGrant(page, agreement, each);
  return page.End(Frame::kClosingAgreement, agreement.digest);
}

std::string RenderPlainText(const NationalRules& rules,
                            const Phrasebook& phrasebook) {
  Page page(phrasebook);
  WriteNodeHeading(page, Frame::kNational, rules);
  WriteGroups(page, rules.groups);
  for (const Deny& deny : rules.denies) WriteDeny(page, deny);
  for (const Require& require : rules.requires_) WriteRequire(page, require);
  return page.End(Frame::kClosingNational, rules.digest);
}

std::string RenderPlainText(const LocalAccess& local,
                            const Phrasebook& phrasebook) {
  Page page(phrasebook);
  WriteNodeHeading(page, Frame::kLocal, local);
  for (const LocalGrant& allow : local.grants) WriteAllow(page, allow);
  return page.End(Frame::kClosingLocal, local.digest);
}

}  // namespace comity
