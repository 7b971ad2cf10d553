#include "tests/benchmark/case_questions.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "node/base/uuid.h"
#include "node/wire/policy_file.h"

namespace comity {

namespace fed = federation::v1;

fed::CaseQuestion QuestionAbout(const std::string& agreement,
                                const std::string& pseudonym) {
  const PolicyFileResult loaded = LoadPolicyFile("a.textproto", agreement);
  if (!loaded.body.has_value()) {
    Must(absl::InternalError(loaded.findings[0].ToString()), "the agreement");
  }
  fed::CaseQuestion question;
  question.set_agreement_id(loaded.body->id());
  question.set_agreement_digest(loaded.body->digest);
  question.set_purpose("SAFE_RETURN");
  question.set_basis("CONSENT");
  question.set_role("COORDINATOR");
  question.set_organisation("ORG");
  question.set_pseudonym(Uuid::Parse(pseudonym)->ToBytes());
  question.add_wanted(v1::RECORD_GROUP_STATUS);
  question.add_wanted(v1::RECORD_GROUP_NEEDS);
  return question;
}

std::vector<fed::CaseQuestion> MakeQuestions(BorderPair& pair, int cases) {
  std::vector<fed::CaseQuestion> questions;
  for (int i = 0; i < cases; ++i) {
    questions.push_back(QuestionAbout(
        pair.agreement(), pair.MakeReferral(absl::StrCat("C", i)).pseudonym()));
  }
  return questions;
}

void MustWork(Report& report, const std::string& name, const LoadResult& load) {
  if (load.failed == 0 && load.calls > 0) return;
  std::cerr << name << ": " << load.failed << " calls failed, "
            << load.failure.ToString() << "\n";
  if (load.failed * 1000 > load.calls || load.calls == 0) {
    Must(absl::InternalError("too many calls failed, or none was made"), name);
  }
  report.Figure(name + ", calls that failed", static_cast<double>(load.failed),
                "calls", Better::kLess, 0);
}

void Tell(Report& report, const std::string& name, const LoadResult& load,
          std::optional<double> target) {
  MustWork(report, name, load);
  report.Figure(name + ", calls a second", load.calls_per_second, "1/s",
                Better::kMore, target);
  report.Figure(name + ", p50", load.p50_us, "us");
  report.Figure(name + ", p99", load.p99_us, "us");
  report.Figure(name + ", CPU of a call at both ends", load.cpu_us_per_call,
                "us");
  report.Figure(name + ", peak memory", load.peak_mib, "MiB");
}

}  // namespace comity
