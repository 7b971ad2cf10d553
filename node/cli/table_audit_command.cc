#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/fact_json.h"
#include "node/identity/private_file.h"
#include "node/wire/published_file.h"

namespace comity {
namespace {

struct AuditOptions {
  std::string file;
  bool values = false;
  bool bounds = false;
};

// A finding in one table.
struct Finding {
  const PublishedTable* table;
  PublishedAudit audit;
};

struct FileAudit {
  size_t hidden = 0;
  size_t uncovered = 0;
  size_t contradictory = 0;  // tables
  size_t not_solved = 0;     // tables
  std::vector<Finding> findings;
};

FileAudit AuditAll(const PublishedFile& file) {
  FileAudit all;
  for (const PublishedTable& table : file.tables) {
    PublishedAudit audit = AuditTable(table);
    all.hidden += audit.hidden;
    all.uncovered += audit.uncovered.size();
    if (!audit.contradictions.empty()) ++all.contradictory;
    if (!audit.complete) ++all.not_solved;
    if (audit.uncovered.empty() && audit.contradictions.empty() &&
        audit.narrowed.empty() && audit.complete) {
      continue;
    }
    all.findings.push_back({&table, std::move(audit)});
  }
  return all;
}

// "2 to 10", "at least 2".
std::string BoundsText(const CountBounds& bounds) {
  return bounds.most >= CountBounds::kUnbounded
             ? absl::StrCat("at least ", bounds.least)
             : absl::StrCat(bounds.least, " to ", bounds.most);
}

void AddNarrowed(const FileAudit& all, google::protobuf::Struct& object) {
  for (const Finding& finding : all.findings) {
    for (const auto& cell : finding.audit.narrowed) {
      auto& one = AddJsonObject(object, "narrowed_cells");
      JsonField(one, "table").set_string_value(finding.table->name);
      SetJsonNames(cell.codes, one, "codes");
      JsonField(one, "least")
          .set_number_value(static_cast<double>(cell.bounds.least));
      if (cell.bounds.most >= CountBounds::kUnbounded) continue;
      JsonField(one, "most")
          .set_number_value(static_cast<double>(cell.bounds.most));
    }
  }
}

void PrintNarrowed(const FileAudit& all) {
  for (const Finding& finding : all.findings) {
    for (const auto& cell : finding.audit.narrowed) {
      printf("NARROWED %s: %s is %s\n", OnOneLine(finding.table->name).c_str(),
             OnOneLine(absl::StrJoin(cell.codes, ", ")).c_str(),
             BoundsText(cell.bounds).c_str());
    }
  }
}

google::protobuf::Struct AuditJson(const PublishedFile& file,
                                   const FileAudit& all, bool values) {
  google::protobuf::Struct object;
  const auto number = [](google::protobuf::Struct& in, const char* name,
                         size_t value) {
    JsonField(in, name).set_number_value(static_cast<double>(value));
  };
  number(object, "tables", file.tables.size());
  number(object, "hidden", all.hidden);
  number(object, "uncovered", all.uncovered);
  number(object, "contradictory_tables", all.contradictory);
  number(object, "repeated_rows", file.repeats.size());
  for (const Finding& finding : all.findings) {
    for (const auto& cell : finding.audit.uncovered) {
      auto& one = AddJsonObject(object, "uncovered_cells");
      JsonField(one, "table").set_string_value(finding.table->name);
      SetJsonNames(cell.codes, one, "codes");
      if (values) {
        JsonField(one, "value")
            .set_number_value(static_cast<double>(cell.value));
      }
    }
    for (const std::string& words : finding.audit.contradictions) {
      auto& one = AddJsonObject(object, "contradictions");
      JsonField(one, "table").set_string_value(finding.table->name);
      JsonField(one, "line").set_string_value(words);
    }
    if (!finding.audit.complete) {
      auto& one = AddJsonObject(object, "not_solved");
      JsonField(one, "table").set_string_value(finding.table->name);
    }
  }
  return object;
}

void PrintAudit(const PublishedFile& file, const FileAudit& all, bool values) {
  for (const Finding& finding : all.findings) {
    for (const auto& cell : finding.audit.uncovered) {
      printf("UNCOVERED %s: %s%s\n", OnOneLine(finding.table->name).c_str(),
             OnOneLine(absl::StrJoin(cell.codes, ", ")).c_str(),
             values ? absl::StrCat(" is ", cell.value).c_str() : "");
    }
    for (const std::string& words : finding.audit.contradictions) {
      printf("CONTRADICTORY %s: %s\n", OnOneLine(finding.table->name).c_str(),
             OnOneLine(words).c_str());
    }
    if (!finding.audit.complete) {
      printf("NOT SOLVED %s\n", OnOneLine(finding.table->name).c_str());
    }
  }
  size_t differing = 0;
  for (const auto& repeat : file.repeats) differing += repeat.differs ? 1 : 0;
  if (!file.repeats.empty()) {
    printf(
        "%zu row(s) repeat an earlier one, %zu with another figure; the "
        "first counts\n",
        file.repeats.size(), differing);
  }
  printf(
      "%zu table(s), %zu hidden cell(s): %zu uncovered; %zu table(s) "
      "contradict themselves\n",
      file.tables.size(), all.hidden, all.uncovered, all.contradictory);
}

absl::Status Audit(const AuditOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(options.file));
  ASSIGN_OR_RETURN(const PublishedFile file, ReadPublishedFile(text));
  if (file.tables.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the file has no table: nothing was audited");
  }
  const FileAudit all = AuditAll(file);
  google::protobuf::Struct object = AuditJson(file, all, options.values);
  if (options.bounds) AddNarrowed(all, object);
  if (!context.PrintedJson(object)) {
    if (options.bounds) PrintNarrowed(all);
    PrintAudit(file, all, options.values);
  }
  if (all.uncovered == 0 && all.not_solved > 0) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(all.not_solved,
                                    " table(s) are too large to be solved; "
                                    "publish them by fewer dimensions"));
  }
  if (all.uncovered == 0) return absl::OkStatus();
  return ReasonError(ErrorReason::kPolicyInvalid,
                     absl::StrCat(all.uncovered,
                                  " hidden cell(s) can be computed from what "
                                  "is shown; do not publish this file"));
}

}  // namespace

void AddTableAuditVerb(CLI::App& table_noun, CommandContext& context) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* audit = AddVerb(
      table_noun, "audit",
      "Find hidden cells that a published table gives away",
      "  comity table audit counts.csv\n"
      "  comity table audit counts.csv --values    # what they are, too\n"
      "  comity table audit counts.csv --bounds    # and how far others are "
      "known",
      [options, &context] { return Audit(*options, context); });
  audit
      ->add_option("FILE", options->file,
                   "CSV of this program, or of the UNODC data portal")
      ->required();
  audit->add_flag("--values", options->values,
                  "Print the counts that are found; keep them to yourself");
  audit->add_flag("--bounds", options->bounds,
                  "Print between what hidden counts must lie, where that is "
                  "more than the mark says");
}

}  // namespace comity
