#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "collector/ports.h"
#include "common/base/result.h"
#include "common/model/dump.h"
#include "common/runtime/child_process.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct DumpInspectorConfig {
  std::filesystem::path program;               // edgefeed-inspect: see InspectProgram().
  std::vector<std::filesystem::path> symbols;  // Directories of programs and debug files.
  std::chrono::milliseconds time_limit{20000};
  std::size_t queue = 1024;  // Dumps that wait.
};

// Looks into dumps, in a child process that has nothing to lose, one at a time. On one strand, that
// of `runner`; both must outlive it.
class DumpInspector final : public DumpReader {
 public:
  using Done = std::function<void(Result<DumpInfo>)>;

  DumpInspector(DumpInspectorConfig config, CommandRunner& runner, Scheduler& scheduler);

  // What the dump tells: threads, modules, signal. `done` is called once, later, unless the
  // inspector goes first.
  //   DATA_LOSS           it is no core file, or too broken
  //   DEADLINE_EXCEEDED   the child took too long
  //   RESOURCE_EXHAUSTED  too many wait already
  void Inspect(const std::filesystem::path& dump, Done done) override;

 private:
  struct Job {
    std::filesystem::path dump;
    Done done;
  };

  void RunNext();
  void Finished(const Result<int>& status);

  const DumpInspectorConfig config_;
  CommandRunner& runner_;
  Scheduler& scheduler_;
  std::deque<Job> jobs_;  // The first one runs, when `running_`.
  bool running_ = false;
  std::string output_;
};

// The inspector that belongs to the running program: beside it, else where packages put it.
std::filesystem::path InspectProgram();

}  // namespace edgefeed
