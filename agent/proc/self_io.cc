// Parses /proc/self/io.
//   wchar: 8311           (what was given to write(2), pipes and sockets too)
//   write_bytes: 12288    (what became dirty pages of a file on a disk, or was written past them)
#include "agent/proc/self_io.h"

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {

std::optional<std::uint64_t> ParseWrittenBytes(std::string_view self_io) {
  while (const auto line = NextLine(self_io)) {
    std::string_view rest = *line;
    if (NextField(rest) != "write_bytes:") continue;
    return ParseNumber<std::uint64_t>(Trim(rest));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ReadWrittenBytes(const KernelRoots& roots) {
  const auto text = ReadSmallFile(roots.proc / "self/io");
  if (!text) return std::nullopt;
  return ParseWrittenBytes(*text);
}

}  // namespace edgefeed
