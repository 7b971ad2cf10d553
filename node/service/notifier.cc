#include "node/service/notifier.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::Duration kHookLimit = absl::Seconds(10);
constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr uint32_t kMostAttempts = 16;
constexpr int kHooksAtOnce = 16;
constexpr int kMostCounted = 1000;

// Settings of a child: no descriptor of ours, a group of its own, no blocked or
// ignored signal.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions_);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

absl::Time NextAttempt(absl::Time now, uint32_t attempts) {
  if (attempts >= kMostAttempts) return absl::InfiniteFuture();
  return now + std::min(kLongestPause, absl::Seconds(1 << attempts));
}

}  // namespace

absl::Status RunProgram(const std::string& path,
                        const std::vector<std::string>& arguments,
                        absl::Duration limit,
                        const std::function<bool()>& give_up) {
  std::string program = path;
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv{program.data()};
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string search = "PATH=/usr/local/bin:/usr/bin:/bin";
  std::array<char*, 2> environment = {search.data(), nullptr};
  const SpawnSettings settings;
  pid_t child = 0;
  if (posix_spawn(&child, program.c_str(), settings.actions(),
                  settings.attributes(), argv.data(),
                  environment.data()) != 0) {
    return absl::UnavailableError("the program cannot be started");
  }
  const absl::Time until = absl::Now() + limit;
  int result = 0;
  while (waitpid(child, &result, WNOHANG) == 0) {
    if (absl::Now() < until && !give_up()) {
      absl::SleepFor(kPoll);
      continue;
    }
    // The group too: what the program started ends with it.
    kill(-child, SIGKILL);
    waitpid(child, &result, 0);
    return absl::UnavailableError("the program took too long and was ended");
  }
  if (WIFEXITED(result) && WEXITSTATUS(result) == 0) return absl::OkStatus();
  return absl::UnavailableError("the program ended with a failure");
}

Notifier::Notifier(NodeContext& node) : node_(node) {
  if (node.config.notify_hook.empty()) return;
  thread_ = std::thread([this] { Run(); });
}

Notifier::~Notifier() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Notifier::Run() {
  while (true) {
    const absl::Status status = RunDue();
    if (!status.ok()) {
      Log(LogLevel::kError, "notices_not_sent",
          {LogField::Public("why", status.message())});
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kLookEvery)) {
      return;
    }
  }
}

absl::Status Notifier::RunDue() {
  ASSIGN_OR_RETURN(const std::vector<Notice> due,
                   node_.store.ListDueHooks(node_.clock.Now(), kHooksAtOnce));
  for (Notice notice : due) {
    const absl::Status ran = RunProgram(
        node_.config.notify_hook,
        {std::string(Name(notice.target)), notice.kind, notice.entry_id},
        kHookLimit, [this] { return stopping(); });
    if (stopping()) return absl::OkStatus();
    if (ran.ok()) {
      notice.hook_due = absl::InfiniteFuture();
    } else {
      ++notice.hook_attempts;
      notice.hook_due = NextAttempt(node_.clock.Now(), notice.hook_attempts);
      Log(LogLevel::kWarning, "notify_hook_failed",
          {LogField::Public("entry", notice.entry_id),
           LogField::Public("why", ran.message())});
    }
    RETURN_IF_ERROR(node_.writer
                        .Commit([&](CommitScope& scope) {
                          return scope.store().UpdateNotice(notice);
                        })
                        .status());
  }
  return absl::OkStatus();
}

void AddHookChecks(const NodeContext& node, StatusChecks& checks) {
  constexpr absl::string_view kSubject = "notify hook";
  const std::string& hook = node.config.notify_hook;
  if (hook.empty()) return;
  struct stat file {};
  if (stat(hook.c_str(), &file) != 0 || !S_ISREG(file.st_mode) ||
      access(hook.c_str(), X_OK) != 0) {
    return AddBad(checks, kSubject, ErrorReason::kFieldInvalid,
                  absl::StrCat(hook, " is no program that this node may run"),
                  "put it there, executable for comityd's user, or change "
                  "notify_hook in comityd.conf");
  }
  const auto waiting = node.store.ListDueHooks(
      node.clock.Now() + 2 * kLongestPause, kMostCounted);
  if (!waiting.ok()) {
    return AddBad(checks, kSubject, ReasonOf(waiting.status()),
                  waiting.status().message(), "see comityd's messages");
  }
  const auto failed =
      std::count_if(waiting->begin(), waiting->end(),
                    [](const Notice& each) { return each.hook_attempts > 0; });
  if (failed == 0) return AddGood(checks, kSubject, "runs");
  AddBad(checks, kSubject, ErrorReason::kDeadlineExceeded,
         absl::StrCat("it failed for ", failed,
                      " notice(s), which are tried again later"),
         absl::StrCat("run it by hand: ", hook,
                      " DPO_AT_HOLDER RELEASED comity/", node.self.text(),
                      "#0; it has to end with 0 within 10 seconds"));
}

}  // namespace comity
