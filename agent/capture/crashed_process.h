#pragma once

#include <cstdint>
#include <filesystem>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/dump.h"

namespace edgefeed {

// What the kernel says of a crash on the command line of the handler (core(5)), in its order.
struct CrashArguments {
  std::uint32_t pid = 0;     // %P, outside of any container.
  std::uint32_t thread = 0;  // %I
  std::uint32_t uid = 0;     // %u
  std::uint32_t signal = 0;  // %s
  WallTime crashed_at;       // %t
};

// The crash, with what /proc has to say of the process: executable, name, systemd unit. Holds on to
// the one process: should its number be used again meanwhile, what is not known stays empty.
DumpInfo DescribeCrash(const CrashArguments& crash, const std::filesystem::path& proc = "/proc");

}  // namespace edgefeed
