// Reads a file that the kernel kept in pstore over a crash: dmesg-ramoops-0, dmesg-efi-…, and
// dmesg.txt, to which systemd-pstore joins those of a crash.
//   Panic#1 Part1                     (or Oops#1; Shutdown#, Restart# … with always_kmsg_dump)
//   <6>[   71.230184] sysrq: Trigger a crash
//   <0>[   71.235621] Kernel panic - not syncing: sysrq triggered crash
// and console-ramoops-0, the end of the console of the boot before, whatever became of it.
#include "agent/boot/kernel_death.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/text.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostLine = 200;
constexpr std::string_view kPanic = "Kernel panic - not syncing";
// How architectures begin to tell of an oops.
constexpr std::array<std::string_view, 6> kOopses = {
    "Unable to handle kernel", "Internal error: ",         "BUG: unable to handle",
    "kernel BUG at",           "general protection fault", "Oops: "};

struct LogLine {
  std::optional<milliseconds> since_boot;
  std::string_view text;
};

// Takes "<0>" and "[   71.235621]" off the front; a number of the CPU or thread may stand in the
// brackets of its own: "[    T123]".
LogLine Split(std::string_view line) {
  LogLine split{.since_boot = {}, .text = Trim(line)};
  if (split.text.starts_with('<')) {
    split.text.remove_prefix(std::min(split.text.find('>') + 1, split.text.size()));
  }
  while (split.text.starts_with('[')) {
    const std::size_t end = split.text.find(']');
    if (end == std::string_view::npos) break;
    const auto seconds = ParseNumber<double>(Trim(split.text.substr(1, end - 1)));
    if (seconds && !split.since_boot && *seconds >= 0 && *seconds < 1e9) {
      split.since_boot = milliseconds(static_cast<std::int64_t>(*seconds * 1000));
    }
    split.text = Trim(split.text.substr(end + 1));
  }
  return split;
}

std::string Printable(std::string_view text) {
  std::string clean(text.substr(0, kMostLine));
  std::ranges::replace_if(clean, [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

bool TellsOfAnOops(std::string_view text) {
  return std::ranges::any_of(
      kOopses, [text](std::string_view oops) { return text.find(oops) != std::string_view::npos; });
}

// The kernel says in the first line why it kept the text; what systemd-pstore joins has none.
bool IsOfAnotherReason(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  return first.find('#') != std::string_view::npos &&
         first.find(" Part") != std::string_view::npos && !first.starts_with("Panic#") &&
         !first.starts_with("Oops#");
}

}  // namespace

std::optional<KernelDeath> FindKernelDeath(std::string_view text, CrashText kind) {
  const bool oops_counts = kind == CrashText::kDmesg && !IsOfAnotherReason(text);
  std::optional<KernelDeath> death;
  // Of a panic in several parts, most have no line that says so.
  if (text.starts_with("Panic#")) death = KernelDeath{.is_panic = true};
  if (text.starts_with("Oops#")) death = KernelDeath{};
  while (const auto raw = NextLine(text)) {
    const LogLine line = Split(*raw);
    if (const auto at = line.text.find(kPanic); at != std::string_view::npos) {
      return KernelDeath{
          .is_panic = true, .line = Printable(line.text.substr(at)), .since_boot = line.since_boot};
    }
    const bool is_first = !death || (death->line.empty() && !death->is_panic);
    if (oops_counts && is_first && TellsOfAnOops(line.text)) {
      death = KernelDeath{.line = Printable(line.text), .since_boot = line.since_boot};
    }
  }
  return death;
}

}  // namespace edgefeed
