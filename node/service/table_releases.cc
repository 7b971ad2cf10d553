#include "node/service/table_releases.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/table_scope.h"
#include "node/service/page_size.h"
#include "node/service/release_difference.h"
#include "node/wire/indicators.h"
#include "node/wire/proto_time.h"
#include "node/wire/sum_alone.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr absl::string_view kCount = "table-releases";

std::string KeyOf(uint32_t number) {
  return Sha256(absl::StrCat("comity.table.release.v1\n", number));
}

// Where the newest release of a question is named.
std::string NewestOf(const TableQuestion& question) {
  return absl::StrCat(kCount, "/",
                      absl::BytesToHexString(Sha256(question.CanonicalForm())));
}

// Where the release that a call made is named.
std::string MadeBy(const Saving& saving) {
  return absl::StrCat(kCount, "/by/",
                      absl::BytesToHexString(Sha256(absl::StrCat(
                          saving.request_id, "/", saving.saved_by))));
}

absl::StatusOr<uint32_t> ReadNumber(const StoreReader& reader,
                                    const std::string& name) {
  ASSIGN_OR_RETURN(const std::string text, reader.ReadMeta(name));
  uint32_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

absl::StatusOr<pb::GetReleaseResponse> ReadRelease(const StoreReader& reader,
                                                   uint32_t number) {
  ASSIGN_OR_RETURN(const auto text, reader.ReadTableAnswer(KeyOf(number)));
  if (!text.has_value()) {
    return ReasonError(ErrorReason::kNotFound,
                       absl::StrCat("there is no release ", number,
                                    "; comity release list shows them"));
  }
  pb::GetReleaseResponse release;
  if (release.ParseFromString(*text)) return release;
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "a stored release does not parse");
}

// Whoever keeps releases has all of them, and can subtract any two.
absl::Status CheckAgainstEarlier(const StoreReader& store, uint32_t held,
                                 uint32_t count, const TableQuestion& question,
                                 const pb::RequestTableResponse& response) {
  for (uint32_t number = held + 1; number <= count; ++number) {
    ASSIGN_OR_RETURN(const pb::GetReleaseResponse earlier,
                     ReadRelease(store, number));
    RETURN_IF_ERROR(CheckDifference(earlier, question, response));
  }
  return absl::OkStatus();
}

std::string Citation(const CommitScope& scope, const std::string& publisher,
                     const pb::RequestTableResponse& table,
                     const pb::Release& release) {
  std::string title = release.question();
  const auto indicator = FindIndicator(table.indicator());
  if (!table.indicator().empty() && indicator.ok()) {
    title = absl::StrCat(table.indicator(), " ", indicator->title());
  }
  return absl::StrCat(
      publisher, ", ", title, ", ", release.period(), ". Release ",
      release.number(), " of ",
      absl::FormatTime("%Y-%m-%d", scope.now(), absl::UTCTimeZone()), ", ",
      release.answered_size(), " of ",
      release.answered_size() + release.missing_size(), " members",
      TellsSumAlone(table) ? ", their sum alone." : ".");
}

pb::Release Described(const std::string& saved_by,
                      const TableQuestion& question, const CommitScope& scope,
                      const pb::RequestTableResponse& table) {
  pb::Release release;
  *release.mutable_saved_at() = ToProtoTime(scope.now());
  release.set_saved_by(saved_by);
  release.set_period(question.period());
  release.set_question(TableShape::Of(question).Words());
  release.set_indicator(table.indicator());
  for (const pb::MemberOutcome& member : table.members()) {
    if (member.has_table()) {
      release.add_answered(member.participant());
    } else {
      release.add_missing(member.participant());
    }
  }
  return release;
}

}  // namespace

absl::StatusOr<uint32_t> HeldAgainst(const TableQuestion& question,
                                     const pb::RequestTableResponse& response,
                                     const StoreReader& store) {
  ASSIGN_OR_RETURN(const uint32_t count,
                   ReadNumber(store, std::string(kCount)));
  for (uint32_t held = 0; held < count; ++held) {
    ASSIGN_OR_RETURN(const pb::GetReleaseResponse earlier,
                     ReadRelease(store, held + 1));
    if (!CheckDifference(earlier, question, response).ok()) return held;
  }
  return count;
}

absl::Status SaveRelease(const Saving& saving, const TableQuestion& question,
                         CommitScope& scope,
                         pb::RequestTableResponse& response) {
  if (response.answered() == 0) {
    response.add_notes("Nothing was saved: nobody answered.");
    return absl::OkStatus();
  }
  if (TellsSumAlone(response) && response.cells().empty()) {
    response.add_notes("Nothing was saved: there is no sum.");
    return absl::OkStatus();
  }
  StoreTransaction& store = scope.store();
  const std::string newest = NewestOf(question);
  const std::string made_by = MadeBy(saving);
  ASSIGN_OR_RETURN(const uint32_t made, ReadNumber(store, made_by));
  if (made != 0) {
    ASSIGN_OR_RETURN(const pb::GetReleaseResponse kept,
                     ReadRelease(store, made));
    *response.mutable_release() = kept.release();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const uint32_t count,
                   ReadNumber(store, std::string(kCount)));
  ASSIGN_OR_RETURN(const uint32_t follows, ReadNumber(store, newest));
  RETURN_IF_ERROR(CheckAgainstEarlier(store, saving.held_against, count,
                                      question, response));
  pb::Release release = Described(saving.saved_by, question, scope, response);
  release.set_number(count + 1);
  release.set_follows(follows);
  release.set_citation(Citation(scope, saving.publisher, response, release));
  *response.mutable_release() = release;
  pb::GetReleaseResponse kept;
  *kept.mutable_release() = release;
  *kept.mutable_table() = response;
  RETURN_IF_ERROR(
      store.PutTableAnswer(KeyOf(count + 1), kept.SerializeAsString()));
  RETURN_IF_ERROR(store.PutMeta(std::string(kCount), absl::StrCat(count + 1)));
  RETURN_IF_ERROR(store.PutMeta(made_by, absl::StrCat(count + 1)));
  return store.PutMeta(newest, absl::StrCat(count + 1));
}

absl::Status HandleListReleases(OperatorCall& call,
                                const pb::ListReleasesRequest& request,
                                pb::ListReleasesResponse& response) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(uint32_t number, ReadNumber(store, std::string(kCount)));
  uint32_t from = number;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &from) || from > number)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the page token is from no earlier response");
  }
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  for (number = from; number > 0; --number) {
    if (response.releases_size() == size) {
      response.set_next_page_token(absl::StrCat(number));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(pb::GetReleaseResponse release,
                     ReadRelease(store, number));
    *response.add_releases() = std::move(*release.mutable_release());
  }
  return absl::OkStatus();
}

absl::Status HandleGetRelease(OperatorCall& call,
                              const pb::GetReleaseRequest& request,
                              pb::GetReleaseResponse& response) {
  ASSIGN_OR_RETURN(response, ReadRelease(call.node().store, request.number()));
  return absl::OkStatus();
}

}  // namespace comity
