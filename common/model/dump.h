#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/model/clock_trust.h"
#include "common/model/device.h"
#include "common/model/series.h"

// What is known of a crash. proto/dumps.proto says what each field means.
namespace edgefeed {

enum class DumpContent { kUnknown = 0, kFull = 1, kStacks = 2, kMetadata = 3 };
enum class DumpSource { kUnknown = 0, kDirectory = 1, kSystemd = 2, kCapture = 3 };

// How much of a dump is kept.
enum class DumpMode {
  kAuto,  // All of a core up to a limit, the stacks of a larger one.
  kFull,
  kStacks,
  kMetadata,  // What is known of the crash, and no bytes.
};

struct DumpModule {
  std::string path;
  std::string build_id;     // Hexadecimal; empty: it has none.
  std::uint64_t start = 0;  // Addresses: the first, and the one behind the last.
  std::uint64_t end = 0;
  friend bool operator==(const DumpModule&, const DumpModule&) = default;
};

struct DumpFrame {
  std::string module;  // Its path; empty: `offset` is an address.
  std::string build_id;
  std::uint64_t offset = 0;
  std::string function;  // Where symbols were at hand.
  std::string source;    // "file.c:17"
  friend bool operator==(const DumpFrame&, const DumpFrame&) = default;
};

struct DumpRegister {
  std::string name;
  std::uint64_t value = 0;
  friend bool operator==(const DumpRegister&, const DumpRegister&) = default;
};

struct DumpThread {
  std::uint32_t id = 0;
  std::vector<DumpFrame> frames;        // Innermost first.
  std::vector<DumpRegister> registers;  // Of the crashed thread only.
  friend bool operator==(const DumpThread&, const DumpThread&) = default;
};

struct DumpMetric {
  Series series;
  std::vector<double> values;  // One for each time; NaN: none.
};

// The device's samples of the minute before, at most 60.
struct DumpMetrics {
  std::vector<WallTime> times;
  std::vector<DumpMetric> metrics;
};

struct DumpInfo {
  std::string executable;
  std::string command;
  std::uint32_t pid = 0;
  std::uint32_t thread = 0;
  std::uint32_t uid = 0;
  std::uint32_t signal = 0;
  std::int32_t signal_code = 0;
  std::optional<std::uint64_t> fault_address;
  WallTime crashed_at;
  ClockTrust clock = ClockTrust::kUnknown;
  std::string boot_id;
  DeviceInfo device;
  std::string package;
  std::string unit;
  DumpContent content = DumpContent::kUnknown;
  DumpSource source = DumpSource::kUnknown;
  std::string missing;  // Why there are no bytes, or not all.
  bool truncated = false;
  std::uint64_t original_bytes = 0;
  std::string compression;
  std::uint64_t occurrences = 1;
  WallTime last_at;  // Of the newest of several occurrences.
  std::vector<DumpModule> modules;
  std::vector<DumpThread> threads;  // The crashed one first.
  std::string log_tail;
  DumpMetrics metrics;
};

}  // namespace edgefeed
