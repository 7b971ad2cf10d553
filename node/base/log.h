#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace comity {

enum class LogLevel { kInfo, kWarning, kError };

// One name and value of a log line. A value can only be made from what cannot
// be personal data: numbers, literals, participant codes, reason names, and
// text that its caller vouches for with LogField::Public.
class LogField {
 public:
  LogField(const char* name, int64_t value);
  template <size_t N>
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): what only a literal binds to
  LogField(const char* name, const char (&literal)[N])
      : LogField(name, absl::string_view(literal), 0) {}

  // `value` must not describe a person: codes, counts, digests, file names.
  static LogField Public(const char* name, absl::string_view value) {
    return {name, value, 0};
  }

  const std::string& json() const { return json_; }

 private:
  LogField(const char* name, absl::string_view value, int);
  std::string json_;
};

// Writes one JSON object as one line to stderr: ts, level, event and the
// fields. `event` is a fixed lower_snake name. Thread-safe.
void Log(LogLevel level, const char* event,
         std::initializer_list<LogField> fields = {});

}  // namespace comity
