#include "node/base/log.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace comity {
namespace {

std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

LogField::LogField(const char* name, int64_t value)
    : json_(absl::StrCat(",\"", name, "\":", value)) {}

LogField::LogField(const char* name, absl::string_view value, int)
    : json_(absl::StrCat(",\"", name, "\":", Quoted(value))) {}

void Log(LogLevel level, const char* event,
         std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(
      R"({"ts":")",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                       absl::UTCTimeZone()),
      R"(","level":")", LevelName(level), R"(","event":")", event, "\"");
  for (const LogField& field : fields) absl::StrAppend(&line, field.json());
  absl::StrAppend(&line, "}\n");
  // One write, so that lines of several threads do not mix.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace comity
