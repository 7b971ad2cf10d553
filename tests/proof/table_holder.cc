#include "tests/proof/table_holder.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "comity/operators/v1/subject_service.pb.h"
#include "comity/operators/v1/table_service.pb.h"
#include "gmock/gmock.h"
#include "node/audit/evidence.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/period_publish.h"
#include "node/service/subject_steps.h"
#include "node/service/table_answer.h"
#include "node/service/table_budgets.h"
#include "node/wire/policy_file.h"
#include "tests/proof/case_calls.h"
#include "tests/support/self_made_card.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

std::string PolicyText(const std::string& path) {
  std::ifstream file(COMITY_SOURCE_DIR "/policy/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

fed::TableAnswer ParseAnswer(const absl::StatusOr<std::string>& payload) {
  fed::TableAnswer answer;
  EXPECT_OK(payload);
  if (!payload.ok()) return answer;
  EXPECT_TRUE(answer.ParseFromString(*payload));
  return answer;
}

// One answer on its way.
struct Awaited {
  absl::Notification done;
  absl::StatusOr<Message> message;
};

absl::StatusOr<std::string> PayloadOf(Awaited& awaited) {
  awaited.done.WaitForNotification();
  RETURN_IF_ERROR(awaited.message.status());
  return awaited.message->payload;
}

}  // namespace

TableAsker::TableAsker(const std::string& code, const Clock& clock)
    : code_(*ParticipantCode::Create(code)),
      clock_(clock),
      store_(*OpenStore(directory_.Path("asker.db"),
                        SecretBytes(std::string(32, 'a')), random_)),
      writer_(*store_, signer_, clock) {}

ParticipantCard TableAsker::Card() {
  return SelfMadeCard(code_, signer_.public_key(), absl::Now(), random_);
}

Message TableAsker::Log(const ParticipantCode& holder,
                        const fed::TableQuestion& question) {
  const UnprovedMessage message =
      MakeMessage(MessageKind::kTableQuestion, code_, holder, NewUuid(random_),
                  "", "comity.federation.v1.TableQuestion",
                  question.SerializeAsString(), clock_.Now(), random_);
  const auto entries = writer_.Commit([&](CommitScope& scope) {
    return scope
        .Append(PartnerLogOrigin(code_, holder),
                FormatMessageLeaf(message.leaf), "")
        .status();
  });
  EXPECT_OK(entries);
  return ProvedMessage(message, (*entries)[0].proof);
}

TableHolder::TableHolder(uint64_t seed)
    : node_("NE", clock_, seed),
      gate_(node_.context()),
      method_(TableAnswerMethod(node_.context())),
      random_(seed + 1) {
  node_.context().partners.Set(std::make_shared<PartnerTable>(
      std::vector<ParticipantCard>{commission_.Card(), member_.Card()}));
  Agree(20000);
}

void TableHolder::Agree(
    int budget, const std::vector<std::pair<std::string, std::string>>& edits) {
  std::vector<std::pair<std::string, std::string>> all = {
      {"yearly_budget: 20000",
       absl::StrCat("yearly_budget: ", budget,
                    linked_tables_ == 0
                        ? ""
                        : absl::StrCat(" linked_tables: ", linked_tables_))},
      {"revision: 1\n", absl::StrCat("revision: ", ++revision_, "\n")}};
  all.insert(all.end(), edits.begin(), edits.end());
  const std::string text = absl::StrReplaceAll(
      PolicyText("agreements/ecowas-counts.textproto"), all);
  digest_ = LoadPolicyFile("a", text).body->digest;
  node_.Enact({text, PolicyText("local/ne.textproto")});
}

std::vector<std::string> TableHolder::AddPeople(
    int count, const std::string& sex, const std::string& age_class,
    const std::string& citizenship) {
  std::vector<std::string> references;
  for (int i = 0; i < count; ++i) {
    record::v1::CaseRecord record;
    references.push_back(absl::StrCat("P", ++people_));
    record.set_x_local_reference(references.back());
    record.set_x_sex(sex);
    record.set_x_age_class(age_class);
    if (!citizenship.empty()) record.add_prs_citizenship(citizenship);
    record.set_x_registered_on("2018-03-04");
    EXPECT_OK(MakeScreenedCase(node_, NewUuid(random_), std::move(record)));
  }
  return references;
}

void TableHolder::Publish() {
  ops::PublishPeriodRequest request;
  request.set_request_id(NewUuid(random_).ToString());
  request.set_period("2018");
  EXPECT_OK(node_.Call(node_.Person(Role::kStatistician, "stat"),
                       LocalOperation::kTablePublish, HandlePublishPeriod,
                       request));
}

void TableHolder::Erase(const std::string& reference) {
  ops::EraseSubjectRequest request;
  request.set_request_id(NewUuid(random_).ToString());
  request.set_case_id(reference);
  request.set_ground("SUBJECT_REQUEST");
  request.set_confirm(true);
  EXPECT_OK(node_.Call(node_.Person(Role::kDataProtectionOfficer, "dpo"),
                       LocalOperation::kSubjectErase, HandleEraseSubject,
                       request));
}

fed::TableQuestion TableHolder::Question(
    const std::vector<std::string>& dimensions, const Filters& filters) const {
  fed::TableQuestion question;
  question.set_agreement_id("ecowas-counts");
  question.set_agreement_digest(digest_);
  question.set_purpose("STATISTICS");
  question.set_basis("PUBLIC_TASK");
  question.set_role("COMMISSION");
  question.set_period("2018");
  for (const std::string& each : dimensions) question.add_dimensions(each);
  for (const auto& [column, code] : filters) {
    auto* filter = question.add_filters();
    filter->set_column(column);
    filter->add_values(code);
  }
  return question;
}

absl::StatusOr<std::string> TableHolder::Send(const ParticipantCode& asker,
                                              Message question) {
  auto awaited = std::make_shared<Awaited>();
  gate_.Answer(method_, Caller{asker, true}, std::move(question),
               [awaited](absl::StatusOr<Message> answer) {
                 awaited->message = std::move(answer);
                 awaited->done.Notify();
               });
  return PayloadOf(*awaited);
}

fed::TableAnswer TableHolder::Ask(TableAsker& asker,
                                  const fed::TableQuestion& question) {
  return ParseAnswer(Send(asker.code(), asker.Log(node_.code(), question)));
}

std::vector<fed::TableAnswer> TableHolder::AskAtOnce(
    const std::vector<fed::TableQuestion>& questions) {
  std::vector<Message> messages;
  for (const fed::TableQuestion& each : questions) {
    messages.push_back(commission_.Log(node_.code(), each));
  }
  node_.store().HoldCommits(true);
  std::vector<std::shared_ptr<Awaited>> all;
  for (Message& each : messages) {
    const auto& awaited = all.emplace_back(std::make_shared<Awaited>());
    gate_.Answer(method_, Caller{commission_.code(), true}, std::move(each),
                 [awaited](absl::StatusOr<Message> answer) {
                   awaited->message = std::move(answer);
                   awaited->done.Notify();
                 });
  }
  node_.store().HoldCommits(false);
  std::vector<fed::TableAnswer> answers;
  for (const auto& each : all) answers.push_back(ParseAnswer(PayloadOf(*each)));
  return answers;
}

std::vector<std::vector<std::string>> TableHolder::AllTables() {
  const std::vector<std::string> open = {
      "age_group", "citizenship", "exploitation", "gender", "sex", "status"};
  std::vector<std::vector<std::string>> tables;
  for (size_t a = 0; a < open.size(); ++a) {
    tables.push_back({open[a]});
    for (size_t b = a + 1; b < open.size(); ++b) {
      tables.push_back({open[a], open[b]});
      for (size_t c = b + 1; c < open.size(); ++c) {
        tables.push_back({open[a], open[b], open[c]});
      }
    }
  }
  return tables;
}

uint32_t TableHolder::Given(const ParticipantCode& asker) {
  const auto given = CellsGiven(node_.store(), asker.text(),
                                absl::InfiniteFuture(), clock_.Now());
  EXPECT_OK(given);
  return given.value_or(0);
}

Figures FiguresOf(const fed::TableAnswer& answer) {
  Figures figures;
  for (const auto& cell : answer.table().cells()) {
    if (cell.status() != fed::CELL_STATUS_VALUE) continue;
    figures[{cell.codes().begin(), cell.codes().end()}] = cell.value();
  }
  return figures;
}

std::map<std::string, uint64_t> NamedFigures(
    const std::vector<std::string>& dimensions,
    const fed::TableAnswer& answer) {
  std::map<std::string, uint64_t> named;
  for (const auto& [codes, figure] : FiguresOf(answer)) {
    std::string name;
    for (size_t i = 0; i < dimensions.size(); ++i) {
      if (codes[i] != "total") {
        absl::StrAppend(&name, dimensions[i], "=", codes[i], " ");
      }
    }
    named[name] = figure;
  }
  return named;
}

}  // namespace comity
