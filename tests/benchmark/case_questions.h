#pragma once

#include <optional>
#include <string>
#include <vector>

#include "comity/federation/v1/case_query.pb.h"
#include "tests/benchmark/border_pair.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {

// How many cases of Niger's are asked about in turn.
inline constexpr int kAskedCases = 64;

// A coordinator's question about the status and the needs of a case, asked
// under an agreement of this text. Ends the program if the text does not load.
federation::v1::CaseQuestion QuestionAbout(const std::string& agreement,
                                           const std::string& pseudonym);

// Questions of Nigeria's about so many cases, which are made for them.
std::vector<federation::v1::CaseQuestion> MakeQuestions(BorderPair& pair,
                                                        int cases);

// One call of a thousand may fail, and is told then; more, or no call at all,
// end the program: nobody compares the speed of refusals.
void MustWork(Report& report, const std::string& name, const LoadResult& load);

// The numbers of a load that must work, under a name of their own.
void Tell(Report& report, const std::string& name, const LoadResult& load,
          std::optional<double> target = std::nullopt);

}  // namespace comity
