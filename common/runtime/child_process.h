#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

class Strand;

struct Command {
  std::vector<std::string> argv;                   // argv[0] is the program's path; no shell.
  std::vector<std::string> environment;            // "NAME=value", added to our own.
  bool inherits_environment = true;                // If not, `environment` is all there is.
  std::filesystem::path stdin_file = "/dev/null";  // A regular file, or this one.
  // What it writes to stdout and stderr, piece by piece, on the strand, before its end is told; at
  // most so many bytes. Without a listener it goes to our stderr.
  std::function<void(std::string_view)> on_output;
  std::size_t output_limit = std::size_t{1} << 20;
  std::chrono::milliseconds timeout{10000};
};

// Runs commands, one at a time. The seam that lets a test see what would have been run.
class CommandRunner {
 public:
  // The exit status (128 + signal when killed by one), or why there is none: DEADLINE_EXCEEDED
  // after the timeout, RESOURCE_EXHAUSTED over the output limit, when the command and what it
  // started have been killed.
  using Done = std::function<void(Result<int>)>;

  virtual ~CommandRunner() = default;
  // Precondition: no command is running. `done` is called once, on the strand.
  virtual void Run(const Command& command, Done done) = 0;
};

// Real processes: each leads a process group of its own. Destroying the runner kills what still
// runs. Everything on the strand.
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
