#pragma once

#include <cstdint>

#include "agent/crash/dump_reader.h"
#include "common/base/result.h"
#include "common/corefile/core_scanner.h"

namespace edgefeed {

// What a first look at a dump file tells.
struct DumpLook {
  CoreSummary core;
  Packing packing = Packing::kNone;
  bool is_whole = true;             // As far as its form says.
  bool can_unpack = true;           // To the end.
  std::uint64_t content_bytes = 0;  // Unpacked, and without what a core lacks.
};

// Looks through a file once and writes nothing, so that what is not wanted costs no flash.
class DumpLooker {
 public:
  // `fd` must outlive it.
  explicit DumpLooker(int fd) : reader_(fd, Unpacking::kWanted) {}

  // Goes on for up to 1 MiB; true: that was the end.
  Result<bool> Step();
  // Once, after the end.
  DumpLook Finish();

 private:
  DumpReader reader_;
  CoreScanner scanner_;
  DumpLook look_;
};

}  // namespace edgefeed
