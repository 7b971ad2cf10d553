#include "node/cli/waiting_line.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/run_aside.h"

namespace comity {
namespace {

// In place of what stood on the line; ESC [ K ends it there.
void ShowOnTerminal(const std::string& text) {
  fprintf(stderr, "\r%s\x1b[K", text.c_str());
}

WaitingLine::Show Terminal(bool quiet) {
  if (quiet || isatty(STDERR_FILENO) == 0) return nullptr;
  return ShowOnTerminal;
}

}  // namespace

WaitingLine::WaitingLine(const std::string& what, bool quiet, SoFar so_far)
    : WaitingLine(what, absl::Seconds(1), Terminal(quiet), std::move(so_far)) {}

WaitingLine::WaitingLine(const std::string& what, absl::Duration tick,
                         Show show, SoFar so_far)
    : show_(std::move(show)), so_far_(std::move(so_far)) {
  if (show_ == nullptr) return;
  thread_ = ThreadFor([this, what, tick] { Run(what, tick); });
}

WaitingLine::~WaitingLine() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  thread_.join();
}

std::string WaitingLine::Text(const std::string& what,
                              absl::Duration since) const {
  const std::string came = so_far_ == nullptr ? "" : so_far_();
  return absl::StrCat(what, ": ", came, came.empty() ? "" : ", ",
                      absl::ToInt64Seconds(since), " s");
}

void WaitingLine::Run(const std::string& what, absl::Duration tick) {
  bool shown = false;
  for (int64_t ticks = 1;; ++ticks) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&ended_), tick)) break;
    }
    show_(Text(what, tick * ticks));
    shown = true;
  }
  if (shown) show_("");
}

}  // namespace comity
