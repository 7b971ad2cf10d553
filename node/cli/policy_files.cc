#include "node/cli/policy_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/fact_json.h"
#include "node/cli/output.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

// The line that a finding is about, with a mark under its place.
void PrintFinding(const PolicyFinding& finding, const std::string& text) {
  fprintf(stderr, "%s\n", OnOneLine(finding.ToString()).c_str());
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const auto line = static_cast<size_t>(finding.line);
  if (line == 0 || line > lines.size()) return;
  fprintf(stderr, "%5d | %s\n      | %s^\n", finding.line,
          OnOneLine(lines[line - 1]).c_str(),
          std::string(static_cast<size_t>(std::max(0, finding.column - 1)), ' ')
              .c_str());
}

bool Concerns(const std::string& node, const PolicyFileBody& body) {
  if (const auto* agreement = std::get_if<Agreement>(&body.body)) {
    return std::find(agreement->party.begin(), agreement->party.end(), node) !=
           agreement->party.end();
  }
  const auto* national = std::get_if<NationalRules>(&body.body);
  return node == (national != nullptr ? national->node
                                      : std::get<LocalAccess>(body.body).node);
}

}  // namespace

absl::Status CannotReadAll(const std::string& path,
                           const std::error_code& error) {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("cannot read all of ", path, ": ", error.message()));
}

namespace {

bool IsPolicyFile(const std::filesystem::directory_entry& entry) {
  std::error_code ignored;
  const std::string name = entry.path().string();
  return entry.is_regular_file(ignored) && absl::EndsWith(name, ".textproto") &&
         !absl::EndsWith(name, kPolicyTestSuffix);
}

// Those of a directory and what is in it, by name.
absl::StatusOr<std::vector<std::string>> PolicyFilesIn(
    const std::string& directory) {
  std::vector<std::string> found;
  std::error_code error;
  using Walk = std::filesystem::recursive_directory_iterator;
  Walk at(directory, error);
  for (; !error && at != Walk(); at.increment(error)) {
    // What stands there takes the place of another file.
    if (at->path().filename() == "alternatives") {
      at.disable_recursion_pending();
      continue;
    }
    if (IsPolicyFile(*at)) found.push_back(at->path().string());
  }
  if (error) return CannotReadAll(directory, error);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListPolicyFiles(
    const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("there is no file ", path));
    }
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> found, PolicyFilesIn(path));
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

absl::StatusOr<PolicyFileBody> LoadPolicyText(
    const std::string& file, const std::string& text,
    std::vector<PolicyFinding>* findings) {
  PolicyFileResult loaded = LoadPolicyFile(file, text);
  for (const PolicyFinding& finding : loaded.findings) {
    if (findings == nullptr) {
      PrintFinding(finding, text);
    } else {
      findings->push_back(finding);
    }
  }
  if (loaded.body.has_value()) return *std::move(loaded.body);
  return ReasonError(
      ErrorReason::kPolicyInvalid,
      absl::StrCat(file, " does not load; mend what is named above"));
}

absl::StatusOr<PolicyFileBody> LoadPolicyFrom(
    const std::string& file, std::vector<PolicyFinding>* findings) {
  if (absl::EndsWith(file, kPolicyTestSuffix)) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat(file,
                     " holds test cases and no policy: comity policy "
                     "test runs it. Of a folder they are left out"));
  }
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(file));
  return LoadPolicyText(file, text, findings);
}

google::protobuf::Struct PolicyFileJson(const std::string& file,
                                        const PolicyFileBody& body) {
  google::protobuf::Struct json;
  JsonField(json, "file").set_string_value(file);
  JsonField(json, "kind").set_string_value(body.kind());
  JsonField(json, "id").set_string_value(body.id());
  JsonField(json, "revision").set_number_value(body.revision());
  JsonField(json, "digest")
      .set_string_value(absl::BytesToHexString(body.digest));
  return json;
}

absl::StatusOr<PolicySet> LoadPoliciesFrom(
    const std::vector<std::string>& paths, const std::string& node) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files,
                   ListPolicyFiles(paths));
  std::vector<PolicyFileBody> bodies;
  absl::Status status;
  for (const std::string& file : files) {
    auto body = LoadPolicyFrom(file);
    if (!body.ok()) {
      status = body.status();
    } else if (Concerns(node, *body)) {
      bodies.push_back(*std::move(body));
    }
  }
  RETURN_IF_ERROR(status);
  return AssemblePolicySet(node, bodies);
}

}  // namespace comity
