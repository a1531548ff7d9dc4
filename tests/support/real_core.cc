#include "tests/support/real_core.h"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string_view>

#include "tests/support/program.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kNoCores =
    "this machine's core_pattern takes core files away, or they are switched off: no real one here";

std::string CorePattern() { return ReadWhole("/proc/sys/kernel/core_pattern"); }

std::optional<std::filesystem::path> FirstCoreIn(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("core")) return entry.path();
  }
  return std::nullopt;
}

}  // namespace

std::filesystem::path Crasher() { return EDGEFEED_CRASHER; }

std::string ReadWhole(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::optional<std::filesystem::path> MakeCore(const std::filesystem::path& directory,
                                              const CrashSpec& spec) {
  if (!CorePattern().starts_with("core")) {
    MESSAGE(kNoCores);
    return std::nullopt;
  }
  Program crasher(
      {.program = "/bin/sh",
       .arguments = {"-c", R"(ulimit -c unlimited && exec "$0" "$@")", spec.program.string(),
                     spec.how, std::to_string(spec.threads), std::to_string(spec.megabytes)},
       .environment = {"EDGEFEED_CRASHER_SECRET=" + spec.secret},
       .directory = directory});
  REQUIRE(crasher.Wait(60s).value_or(0) > 128);
  auto core = FirstCoreIn(directory);
  if (!core) MESSAGE(kNoCores);
  return core;
}

}  // namespace edgefeed
