#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

class Strand;

struct Command {
  std::vector<std::string> argv;         // argv[0] is the program's path; no shell.
  std::vector<std::string> environment;  // "NAME=value", added to our own.
  std::chrono::milliseconds timeout{10000};
};

// Runs commands, one at a time. The seam that lets a test see what would have been run.
class CommandRunner {
 public:
  // The exit status (128 + signal when killed by one), or why there is none: DEADLINE_EXCEEDED
  // after the timeout, when the command and what it started have been killed.
  using Done = std::function<void(Result<int>)>;

  virtual ~CommandRunner() = default;
  // Precondition: no command is running. `done` is called once, on the strand.
  virtual void Run(const Command& command, Done done) = 0;
};

// Real processes: each leads a process group of its own, reads nothing from stdin, and writes its
// output to our stderr. Destroying the runner kills what still runs. Everything on the strand.
class ChildProcessRunner final : public CommandRunner {
 public:
  explicit ChildProcessRunner(Strand& strand);
  ~ChildProcessRunner() override;
  ChildProcessRunner(const ChildProcessRunner&) = delete;
  ChildProcessRunner& operator=(const ChildProcessRunner&) = delete;

  void Run(const Command& command, Done done) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace edgefeed
