#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "collector/stats.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// What somebody did, or was not let do. Secrets have no place in it.
struct AuditEvent {
  std::string event;    // "refused", "call", "call_ended".
  std::string reason;   // Of a refusal, as in /metrics.
  std::string who;      // Describe().
  std::string address;  // Where the call came from.
  std::string method;
  std::string object;  // What was asked for: a device, a dump.
  std::string detail;
};

// The file `audit.log`: one JSON object a line. Over 16 MiB it becomes `audit.log.1`, in place of
// the one before. Refusals that are alike are written once a minute, with how often they came.
//
// Write() is called from any thread and never waits; the file is written on the strand. A line that
// the disk does not take, or that finds too many waiting, is lost and counted.
class AuditLog {
 public:
  static constexpr Bytes kMaxSize = MiB(16);
  static constexpr std::uint64_t kMostWaiting = 4096;
  static constexpr std::size_t kMostKinds = 1024;  // Of refusals in a minute.
  static constexpr std::chrono::minutes kAlikeFor{1};

  // `strand` and `stats` must outlive it; destroy it on the strand. The file is opened at the first
  // line.
  AuditLog(std::filesystem::path file, Scheduler& strand, CollectorStats& stats,
           Bytes max_size = kMaxSize);
  ~AuditLog() = default;
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  void Write(AuditEvent event);
  // Writes how often refusals came that were left out. On the strand; it does so each minute.
  void Flush();

 private:
  struct Alike {
    AuditEvent event;
    std::uint64_t left_out = 0;
  };

  void Take(AuditEvent event);
  void Append(const AuditEvent& event, std::uint64_t times);
  Status AppendLine(const std::string& line);
  Status OpenFile();

  const std::filesystem::path file_;
  Scheduler& strand_;
  CollectorStats& stats_;
  const Bytes max_size_;
  std::atomic<std::uint64_t> waiting_{0};
  UniqueFd fd_;
  std::uint64_t size_bytes_ = 0;
  bool failing_ = false;  // It has been told that the disk takes nothing.
  std::map<std::string, Alike> refusals_;
  Timer flush_;
};

}  // namespace edgefeed
