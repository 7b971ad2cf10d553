#pragma once

#include "comity/operators/v1/table_service.pb.h"
#include "node/cli/command.h"
#include "node/disclosure/two_sides.h"

namespace comity {

// The figures of one member's protected table, and of a count at home.
SideFigures FiguresOf(const federation::v1::ReleasedTable& table);
SideFigures FiguresOf(const operators::v1::CountTableResponse& counted);

// `comity table reconcile`: of each of two states what it sent to the other as
// it counts it itself, and beside that what the other one received as that one
// counts it. Both are questions that the agreement opens or does not.
void AddTableReconcileVerb(CLI::App& table_noun, CommandContext& context);

}  // namespace comity
