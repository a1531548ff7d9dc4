// Reads what pstore, or systemd-pstore, has of crashes:
//   /sys/fs/pstore/dmesg-ramoops-0
//   /sys/fs/pstore/console-ramoops-0
//   /var/lib/systemd/pstore/dmesg-ramoops-0              (moved there at boot)
//   /var/lib/systemd/pstore/1764064804/dmesg.txt         (of EFI or ERST, its parts joined)
#include "agent/boot/crash_records.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "common/base/crc32c.h"
#include "common/base/file.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kMostRecordBytes = std::size_t{1} << 20;
constexpr int kMostDepth = 1;

std::optional<CrashText> KindOf(const std::string& name) {
  if (name.starts_with("dmesg")) return CrashText::kDmesg;
  if (name.starts_with("console-")) return CrashText::kConsole;
  return std::nullopt;
}

// Newest first, so that old ones that nobody removes do not hide it.
std::vector<fs::path> FilesIn(const std::vector<fs::path>& directories) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  for (const fs::path& directory : directories) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry.depth() >= kMostDepth) entry.disable_recursion_pending();
      std::error_code gone;
      if (!entry->is_regular_file(gone) || !KindOf(entry->path().filename().string())) continue;
      found.emplace_back(entry->last_write_time(gone), entry->path());
    }
  }
  std::ranges::sort(found, std::ranges::greater());
  found.resize(std::min(found.size(), kMostFiles));
  std::vector<fs::path> paths;
  paths.reserve(found.size());
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

// A panic tells more than an oops before it, and a line more than none.
bool TellsMore(const KernelDeath& death, const std::optional<KernelDeath>& than) {
  if (!than) return true;
  if (death.is_panic != than->is_panic) return death.is_panic;
  return than->line.empty() && !death.line.empty();
}

}  // namespace

CrashRecords ReadCrashRecords(const std::vector<fs::path>& directories, const SeenRecords& seen) {
  CrashRecords records;
  for (const fs::path& path : FilesIn(directories)) {
    const auto text = ReadSmallFile(path, kMostRecordBytes);
    if (!text) continue;
    const std::uint32_t identity = Crc32c(*text);
    records.all.push_back(identity);
    if (std::ranges::find(seen, identity) != seen.end()) continue;
    auto death = FindKernelDeath(*text, *KindOf(path.filename().string()));
    if (death && TellsMore(*death, records.death)) records.death = std::move(death);
  }
  return records;
}

}  // namespace edgefeed
