#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace edgefeed {

// What the kernel wrote when it died, or nearly.
struct KernelDeath {
  bool is_panic = false;  // An oops may be survived, a panic is not.
  std::string line;       // "Kernel panic - not syncing: …"; ASCII, at most 200 bytes.
  std::optional<std::chrono::milliseconds> since_boot;  // The line's time, if it has one.
};

// Where a text comes from: dmesg was saved because something happened, the console always is.
enum class CrashText { kDmesg, kConsole };

// What a file of pstore tells. Nothing: it is of no death.
std::optional<KernelDeath> FindKernelDeath(std::string_view text, CrashText kind);

}  // namespace edgefeed
