#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace edgefeed {

// The program that crashes.
std::filesystem::path Crasher();

// How edgefeed_crasher is to crash (tests/support/crasher).
struct CrashSpec {
  std::filesystem::path program = Crasher();  // It, or a copy.
  std::string how = "null";                   // "abort", "overflow"
  int threads = 1;
  int megabytes = 0;
  std::string secret;  // In its environment, and backwards on its heap.
};

// A core file that the kernel wrote of a crash, in `directory`, where nothing else may be. Nothing,
// and a message, on a machine that sends core files elsewhere.
std::optional<std::filesystem::path> MakeCore(const std::filesystem::path& directory,
                                              const CrashSpec& spec);

std::string ReadWhole(const std::filesystem::path& file);

}  // namespace edgefeed
