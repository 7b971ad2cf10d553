#pragma once

#include "comity/operators/v1/consent_service.pb.h"

namespace comity {

// Prints how far the withdrawals of one dossier have come.
void PrintWithdrawal(const operators::v1::WithdrawalStanding& each);

}  // namespace comity
