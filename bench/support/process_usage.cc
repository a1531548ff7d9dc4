#include "bench/support/process_usage.h"

#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime() is POSIX, not <ctime>.

#include <cerrno>
#include <cstdint>
#include <string>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed::bench {

Result<std::chrono::nanoseconds> CpuTime(pid_t pid) {
  const auto name = "CPU time of process " + std::to_string(pid);
  clockid_t clock{};
  if (const int error = clock_getcpuclockid(pid, &clock)) return ErrnoError(name, error);
  timespec used{};
  if (clock_gettime(clock, &used) != 0) return ErrnoError(name, errno);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// Reads /proc/PID/smaps_rollup:
//   Rss:               15780 kB
Result<Bytes> ResidentSize(pid_t pid) {
  const auto path = "/proc/" + std::to_string(pid) + "/smaps_rollup";
  const auto text = ReadSmallFile(path);
  if (!text) return text.error();
  std::string_view rest = *text;
  while (const auto line = NextLine(rest)) {
    auto fields = *line;
    if (NextField(fields) != "Rss:") continue;
    const auto kib = ParseNumber<std::uint64_t>(NextField(fields).value_or(""));
    if (kib) return KiB(*kib);
  }
  return Error{Code::kDataLoss, path + ": no Rss"};
}

}  // namespace edgefeed::bench
