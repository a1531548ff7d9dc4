#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/units.h"
#include "common/model/dump.h"

namespace edgefeed {

// config/agent.yaml describes every key.
struct CrashConfig {
  // In a configuration file's terms: the folder crashes in state_dir.
  std::vector<std::filesystem::path> directories = {"/var/lib/edgefeed-agent/crashes"};
  std::filesystem::path systemd_directory = "/var/lib/systemd/coredump";  // Empty: none.
  DumpMode mode = DumpMode::kAuto;
  Bytes full_limit = MiB(64);
  Bytes max_size = MiB(256);  // Of all sealed dumps.
  Bytes min_free = MiB(64);   // Of the file system, which they leave to others.
  std::chrono::milliseconds keep = std::chrono::hours(7 * 24);
  std::uint32_t per_signature_hourly = 5;
  std::uint32_t per_device_hourly = 20;
  // Prints the last lines of a process's log; see LogTail.
  std::vector<std::string> log_command = {"/usr/bin/journalctl", "--quiet",
                                          "--no-pager",          "--lines=100",
                                          "--output=short-iso",  "_PID=%p"};
  friend bool operator==(const CrashConfig&, const CrashConfig&) = default;
};

}  // namespace edgefeed
