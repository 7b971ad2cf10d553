#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include "absl/strings/string_view.h"
#include "node/base/clock.h"
#include "node/base/log.h"
#include "node/crypto/random.h"
#include "node/daemon/node.h"
#include "node/peer/tls_credentials.h"
#include "node/store/open_store.h"

namespace {

constexpr const char* kHelp =
    "comityd: serves one participant's node until SIGTERM.\n"
    "\n"
    "  comityd --dir DIR    serve the node in DIR (comity node init makes it)\n"
    "\n"
    "Logs go to stderr, one JSON object a line. Exit: 0 after SIGTERM, 1 when "
    "it\n"
    "could not start, 2 for wrong usage.\n";

// Keys are in this process's memory: no core files.
void ForbidCoreFiles() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Waits for SIGTERM or SIGINT, doing what the time asks for twice a second: a
// revoked operator's connections are to be gone within one.
void ServeUntilSignal(comity::Node& node, const sigset_t& signals) {
  const timespec pause{0, 500'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0) node.Tick();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "--help") {
    fputs(kHelp, stdout);
    return 0;
  }
  if (argc != 3 || absl::string_view(argv[1]) != "--dir") {
    fputs(kHelp, stderr);
    return 2;
  }
  ForbidCoreFiles();
  comity::PrepareTransport();
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const comity::SystemClock clock;
  comity::SystemRandom random;
  auto node = comity::StartNode(argv[2], clock, random, comity::OpenStore);
  if (!node.ok()) {
    comity::Log(comity::LogLevel::kError, "not_started",
                {comity::LogField::Public("why", node.status().message())});
    return 1;
  }
  ServeUntilSignal(**node, signals);
  comity::Log(comity::LogLevel::kInfo, "stopping");
  node->reset();
  return 0;
}
