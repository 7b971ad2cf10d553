#include "node/wire/sum_alone.h"

#include <algorithm>

namespace comity {

bool TellsSumAlone(const operators::v1::RequestTableResponse& answer) {
  return std::any_of(answer.members().begin(), answer.members().end(),
                     [](const operators::v1::MemberOutcome& member) {
                       return member.in_sum_alone();
                     });
}

}  // namespace comity
