#include "bench/history/written_bytes.h"

#include <sqlite3.h>
#include <unistd.h>

#include <climits>
#include <string>
#include <string_view>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed::bench {
namespace {

// A system call of SQLite's is a plain function: it has nowhere else to count.
WrittenBytes sqlite_written;

std::uint64_t& CounterOf(int file) {
  char path[PATH_MAX];
  const auto link = "/proc/self/fd/" + std::to_string(file);
  const auto size = ::readlink(link.c_str(), path, sizeof path);
  const std::string_view name(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  const bool wal = name.ends_with("-wal");
  if (name.find("/raw/") != std::string_view::npos) {
    return wal ? sqlite_written.partition_wal : sqlite_written.partitions;
  }
  if (name.find("/meta.db") != std::string_view::npos) return sqlite_written.meta;
  return wal ? sqlite_written.tier_wal : sqlite_written.tiers;
}

ssize_t CountingWrite(int file, const void* bytes, std::size_t size, off64_t at) {
  const ssize_t written = ::pwrite64(file, bytes, size, at);
  if (written > 0) CounterOf(file) += static_cast<std::uint64_t>(written);
  return written;
}

}  // namespace

void HookSqlite() {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  vfs->xSetSystemCall(vfs, "pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&CountingWrite));
}

// Reads /proc/self/io:
//   wchar: 323934931
//   write_bytes: 323932160
Result<WrittenBytes> ReadWrittenBytes() {
  const auto text = ReadSmallFile("/proc/self/io");
  if (!text) return text.error();
  WrittenBytes written = sqlite_written;
  std::string_view rest = *text;
  while (const auto line = NextLine(rest)) {
    auto fields = *line;
    const auto name = NextField(fields);
    const auto number = ParseNumber<std::uint64_t>(NextField(fields).value_or("")).value_or(0);
    if (name == "wchar:") written.total = number;
    if (name == "write_bytes:") written.device = number;
  }
  written.log = written.total - written.partitions - written.partition_wal - written.tiers -
                written.tier_wal - written.meta;
  return written;
}

}  // namespace edgefeed::bench
