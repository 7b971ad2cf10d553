#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/disclosure/table_audit.h"
#include "node/domain/table_grid.h"

namespace comity {

// A cell of a table that somebody published.
struct PublishedCell {
  std::vector<std::string> codes;  // one for each dimension, kTotal for margins
  CountBounds bounds;              // what the figure or the mark says
  bool hidden = false;             // printed as a mark instead of a figure
  uint64_t line = 0;               // of the file
};

// A published table with whatever margins it has. Dimensions need no codes:
// cells bring them.
struct PublishedTable {
  std::string name;
  std::vector<TableAxis> dimensions;
  std::vector<PublishedCell> cells;  // different codes
};

// What whoever solves a published table gets out of it.
struct PublishedAudit {
  struct Uncovered {
    std::vector<std::string> codes;
    int64_t value = 0;
  };
  // What all lines together say of a hidden cell, more than its mark does.
  struct Narrowed {
    std::vector<std::string> codes;
    CountBounds bounds;
  };
  size_t hidden = 0;                 // cells printed as a mark
  std::vector<Uncovered> uncovered;  // of those; exactly known all the same
  std::vector<Narrowed> narrowed;    // of the others
  // Lines whose figures do not add up, in words. If there are any, nothing is
  // uncovered: what contradicts itself proves nothing.
  std::vector<std::string> contradictions;
  // False: too large to be solved, so that more may be known of hidden cells.
  bool complete = true;
};

// Audits one table. A line counts if it has every code that its dimension shows
// anywhere in the table, at least two, and the total: where a published table
// lists no zeros, a code that is missing may not be zero.
PublishedAudit AuditTable(const PublishedTable& table);

}  // namespace comity
