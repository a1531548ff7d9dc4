#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/crash/crash_config.h"
#include "agent/crash/drop_directory.h"
#include "agent/crash/dump_look.h"
#include "agent/crash/dump_spool.h"
#include "agent/crash/ledger_file.h"
#include "agent/crash/log_tail.h"
#include "agent/crash/sealer.h"
#include "agent/crash/suppression.h"
#include "agent/ports.h"
#include "common/base/result.h"
#include "common/model/device.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// A dump file that is to be taken.
struct DumpFile {
  DumpOrigin origin;
  FileIdentity identity;
  DumpSource kind = DumpSource::kDirectory;
  bool must_be_whole = false;  // Nobody said that it is complete.
};

enum class SealResult {
  kSealed,
  kSuppressed,
  kNotWhole,
  kGone,   // Removed, or changed: if there is something by now, it is another dump.
  kLater,  // The disk does not take anything now.
};

// Where sealing finds what it needs; all outlive it.
struct SealContext {
  Scheduler& scheduler;
  LedgerFile& ledger;
  DumpSpool& spool;
  Suppression& suppression;
  DeviceMemory& memory;
  LogTail& log;
  const DeviceInfo& device;
  const CrashConfig& config;
};

// Makes one dump of one file, in steps that each take a moment: a look through it, which tells what
// crashed; then it is counted only, or sealed. Destroying the job ends it without a trace, and the
// file can be taken again. On the dumps strand.
class SealJob {
 public:
  using Done = std::function<void(SealResult)>;

  SealJob(const SealContext& context, DumpFile file);
  ~SealJob();
  SealJob(const SealJob&) = delete;
  SealJob& operator=(const SealJob&) = delete;

  // `done` is called once, later. It may destroy the job.
  void Start(Done done);
  [[nodiscard]] const DumpFile& file() const { return file_; }

 private:
  Status Open();
  void ReadSidecar(const DropDirectory& directory);
  void Pin();
  void OnRecalled(DeviceMoment moment);
  void Soon(void (SealJob::*step)());
  void Look();
  void OnLooked();
  void Complete(const DumpLook& look);
  std::optional<SealResult> Admit();
  void ReadLog();
  void SealIn(DumpContent content);
  [[nodiscard]] DumpContent WantedContent();
  void Step();
  void OnSealFailed(const Error& error);
  void OnSealed();
  [[nodiscard]] bool IsTainted() const;
  void KeepDescription(const std::string& missing);
  void Commit(const SealedBytes& sealed);
  void End(SealResult result);

  SealContext context_;
  DumpFile file_;
  Done done_;
  Timer step_;
  std::shared_ptr<int> alive_;

  UniqueFd source_;
  std::uint64_t source_blocks_ = 0;
  std::filesystem::path pin_;  // Empty: none.
  DumpInfo info_;
  DumpHead head_;
  std::unique_ptr<DumpLooker> looker_;
  DumpLook look_;
  bool is_readable_ = true;
  std::optional<Sealer> sealer_;
  std::optional<std::uint32_t> begun_before_;
};

}  // namespace edgefeed
