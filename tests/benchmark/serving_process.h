#pragma once

#include <sys/types.h>

#include <string>

namespace comity {

// A benchmark's program, serving a node's directory by a process of its own
// until the object goes. The node must not run here meanwhile. Ends the program
// where it does not start. main() of such a program begins with ServeIfAsked.
class ServingProcess {
 public:
  // Returns when the node is up.
  explicit ServingProcess(const std::string& directory);
  ~ServingProcess();
  ServingProcess(const ServingProcess&) = delete;
  ServingProcess& operator=(const ServingProcess&) = delete;

  // From the node's begin until it was up, in that process.
  double start_seconds() const { return start_seconds_; }
  // From before there was a process until now.
  double SecondsSinceBegin() const;
  // What it takes now.
  double Mebibytes() const;

 private:
  double began_ = 0;
  pid_t pid_ = 0;
  double start_seconds_ = 0;
};

// In that process: serves, and ends the program when it is told to. Elsewhere
// it does nothing.
void ServeIfAsked(int argc, char** argv);

}  // namespace comity
