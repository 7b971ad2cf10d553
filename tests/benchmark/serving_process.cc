#include "tests/benchmark/serving_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"
#include "node/daemon/node.h"
#include "node/peer/tls_credentials.h"
#include "node/store/open_store.h"
#include "tests/benchmark/load.h"
#include "tests/benchmark/report.h"

namespace comity {
namespace {

constexpr char kServe[] = "--serve=";

double Now() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

// Says how long the node took to start, and serves until SIGTERM.
void Serve(const std::string& directory) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  // Threads that start from here on have it blocked too.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // It does not outlive who measures it.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  PrepareTransport();
  const SystemClock clock;
  SystemRandom random;
  const absl::Time start = absl::Now();
  const auto node = StartNode(directory, clock, random, OpenStore);
  Must(node.status(), directory);
  printf("%f\n", absl::ToDoubleSeconds(absl::Now() - start));
  fflush(stdout);
  const timespec pause{0, 500'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0) (*node)->Tick();
}

}  // namespace

ServingProcess::ServingProcess(const std::string& directory) : began_(Now()) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string name = "serving_process";
  std::string option = kServe + directory;
  const std::array<char*, 3> arguments = {name.data(), option.data(), nullptr};
  if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments.data(),
                  environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  FILE* said = fdopen(ends[0], "r");
  if (fscanf(said, "%lf", &start_seconds_) != 1) {
    Must(absl::InternalError("it did not start"), "a process of its own");
  }
  fclose(said);
}

ServingProcess::~ServingProcess() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

double ServingProcess::SecondsSinceBegin() const { return Now() - began_; }

double ServingProcess::Mebibytes() const {
  return ResidentMebibytes(std::to_string(pid_));
}

void ServeIfAsked(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (!first.starts_with(kServe)) return;
  Serve(first.substr(sizeof(kServe) - 1));
  std::exit(0);
}

}  // namespace comity
