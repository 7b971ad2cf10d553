#pragma once

#include <string>

#include "node/domain/table_question.h"
#include "node/service/approvals.h"

namespace comity {

// What an approval of a table is bound to: its subject is made of the question,
// so that it is good for no other. Borrows `request`.
ApprovalBinding TableBinding(ApprovalMatter matter,
                             const TableQuestion& question,
                             const RequestFacts& request,
                             const std::string& requested_by);

// The question for those who approve it: "table of 2018 by sex where
// citizenship=NE|NG".
std::string DescribeTable(const TableQuestion& question);

}  // namespace comity
