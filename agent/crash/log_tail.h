#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/model/dump.h"
#include "common/runtime/child_process.h"

namespace edgefeed {

// The last lines that a program wrote to its log before it crashed: what a command prints. On the
// dumps strand.
class LogTail {
 public:
  // In its arguments "%p" stands for the process's number. Empty: there are no logs. `runner` runs
  // nothing else, and must outlive it.
  LogTail(std::vector<std::string> command, CommandRunner& runner)
      : command_(std::move(command)), runner_(runner), alive_(std::make_shared<int>()) {}

  // `done` is called once, with at most the last 64 KiB: nothing when the command is not there,
  // fails, or takes longer than 2 s, for a dump does not wait for its log.
  void Read(const DumpInfo& crash, std::function<void(std::string)> done);

 private:
  std::vector<std::string> command_;
  CommandRunner& runner_;
  std::shared_ptr<int> alive_;
  std::string tail_;
  bool running_ = false;
};

}  // namespace edgefeed
