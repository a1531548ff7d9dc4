#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "agent/app/config.h"
#include "agent/app/dump_upload.h"
#include "agent/app/line_watch.h"
#include "agent/crash/dump_counts.h"
#include "agent/crash/dump_spool.h"
#include "agent/crash/ledger_file.h"
#include "agent/crash/log_tail.h"
#include "agent/crash/pickup.h"
#include "agent/ports.h"
#include "common/model/device.h"
#include "common/model/shared_tls.h"
#include "common/runtime/child_process.h"
#include "common/runtime/directory_watch.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What outlives a change of the configuration.
struct DumpPipelineContext {
  Strand& strand;  // "dumps"
  DeviceMemory& memory;
  DeviceInfo info;  // Without the labels, which the configuration has.
  // Called on the dumps strand with what there is to count.
  std::function<void(DumpCounts)> on_counts;
  std::shared_ptr<const SharedTls> tls;  // Null: plaintext.
  Line line = Line::kFree;               // As it is now.
};

// The stages of one configuration that bring crash dumps to the collector: watch → pickup → spool →
// upload. A disk that does not take the spool is tried again each minute. On the dumps strand.
class DumpPipeline {
 public:
  DumpPipeline(AgentConfig config, DumpPipelineContext context);

  void Start();
  // While the line is busy, dumps wait.
  void SetLine(Line line);
  // Ends what is under way where it is, then calls `done`, when the pipeline may be destroyed.
  void Stop(const std::function<void()>& done);

 private:
  void Open();
  void MakeDirectories() const;
  void OnEvent(const std::filesystem::path& directory, DirectoryWatch::Event event,
               const std::string& name);
  void StartUpload();
  void Publish();

  // In the order in which they may use each other: each the ones above it.
  const AgentConfig config_;
  DumpPipelineContext context_;
  ChildProcessRunner commands_;
  LogTail log_;
  std::optional<LedgerFile> ledger_;
  std::unique_ptr<DumpSpool> spool_;
  std::optional<DirectoryWatch> watch_;
  std::unique_ptr<Pickup> pickup_;
  std::unique_ptr<DumpUpload> upload_;
  Timer retry_;
  bool is_told_ = false;  // That the spool cannot be opened.
};

}  // namespace edgefeed
