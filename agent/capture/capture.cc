#include "agent/capture/capture.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/capture/drop_file.h"
#include "common/compress/zstd_stream.h"
#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"
#include "common/digest/dump_signature.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kStep = std::size_t{128} << 10;
// A core says how long it is in its first pages.
constexpr std::size_t kMaxBeginning = std::size_t{4} << 20;

// Up to kStep bytes; empty at the end.
Result<std::string> ReadSome(int core) {
  std::string bytes(kStep, '\0');
  ssize_t got = -1;
  do {
    got = ::read(core, bytes.data(), bytes.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return ErrnoError("the core from the kernel", errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

std::string FileName(const DumpInfo& crash) {
  std::string name = crash.command.empty() ? "unknown" : crash.command;
  std::ranges::replace_if(
      name,
      [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_';
      },
      '_');
  return name + "." + std::to_string(crash.pid) + "." + SignalName(crash.signal) + "." +
         std::to_string(UnixMillis(crash.crashed_at)) + ".core.zst";
}

// Why nothing more may be written; empty: it may.
std::string NoRoom(const fs::path& directory, const CaptureLimits& limits) {
  struct statvfs space{};
  if (::statvfs(directory.c_str(), &space) == 0 &&
      std::uint64_t{space.f_bavail} * space.f_frsize < limits.min_free.count) {
    return "disk_full";
  }
  std::error_code error;
  std::uint64_t waiting_bytes = 0;
  std::size_t files = 0;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone) || entry->path().extension() == ".info") continue;
    const std::uint64_t size = entry->file_size(gone);
    if (gone || size == 0) continue;
    waiting_bytes += size;
    ++files;
  }
  return files >= limits.files || waiting_bytes >= limits.waiting.count ? "not_taken_yet" : "";
}

// A core on its way into a file.
class Stream {
 public:
  Stream(int core, const CaptureLimits& limits) : core_(core), limits_(limits) {}

  // Reads until it is known how long the core is going to be, and how much of it to keep.
  Status Begin() {
    while (!scanner_.core_bytes() && beginning_.size() < kMaxBeginning) {
      auto bytes = ReadSome(core_);
      if (!bytes) return bytes.error();
      if (bytes->empty()) break;
      scanner_.Update(*bytes);
      beginning_ += *bytes;
    }
    const bool small = scanner_.core_bytes().value_or(0) <= limits_.full.count;
    if (limits_.mode == DumpMode::kStacks || (limits_.mode == DumpMode::kAuto && !small)) {
      reducer_ = std::make_unique<CoreReducer>();
    }
    return {};
  }

  // Everything goes into `file`. RESOURCE_EXHAUSTED when it has no room for it.
  Status CopyTo(DropFile& file) {
    Status status = Pass(std::exchange(beginning_, {}), file);
    while (status) {
      auto bytes = ReadSome(core_);
      if (!bytes) return bytes.error();
      if (bytes->empty()) break;
      scanner_.Update(*bytes);
      status = Pass(*bytes, file);
    }
    if (!status) return status;
    std::string rest;
    if (reducer_ != nullptr) {
      if (Status reduced = reducer_->Finish(rest); !reduced) return reduced;
    }
    std::string packed;
    compressor_.Update(rest, packed);
    compressor_.Finish(packed);
    return file.Append(packed);
  }

  [[nodiscard]] DumpContent content() const {
    return reducer_ == nullptr ? DumpContent::kFull : DumpContent::kStacks;
  }
  [[nodiscard]] Bytes read() const { return read_; }
  CoreSummary Finish() { return scanner_.Finish(); }

 private:
  Status Pass(std::string_view bytes, DropFile& file) {
    read_.count += bytes.size();
    std::string reduced;
    if (reducer_ != nullptr) {
      if (Status status = reducer_->Update(bytes, reduced); !status) return status;
    }
    std::string packed;
    compressor_.Update(reducer_ == nullptr ? bytes : std::string_view(reduced), packed);
    return file.Append(packed);
  }

  int core_;
  const CaptureLimits& limits_;
  CoreScanner scanner_;
  std::unique_ptr<CoreReducer> reducer_;  // Null: everything is kept.
  ZstdCompressor compressor_;
  std::string beginning_;  // Read, and not written yet.
  Bytes read_;
};

// What became of the core: a whole file, or an empty one and the reason in `info`.
Status Store(Stream& stream, DropFile& file, DumpInfo& info) {
  const Status copied = stream.CopyTo(file);
  if (copied) {
    info.content = stream.content();
    info.compression = "zstd";
    return {};
  }
  info.content = DumpContent::kMetadata;
  info.missing = copied.error().code == Code::kResourceExhausted ? "disk_full" : "unreadable";
  return file.Empty();
}

}  // namespace

Result<Captured> Capture(int core, const fs::path& directory, DumpInfo crash,
                         const CaptureLimits& limits) {
  Stream stream(core, limits);
  if (const Status begun = stream.Begin(); !begun) return begun.error();
  auto file = DropFile::Create(directory, FileName(crash), limits.min_free);
  if (!file) return file.error();
  crash.missing = limits.mode == DumpMode::kMetadata ? "not_wanted" : NoRoom(directory, limits);
  crash.content = DumpContent::kMetadata;
  if (crash.missing.empty()) {
    if (const Status stored = Store(stream, *file, crash); !stored) return stored.error();
  }
  const CoreSummary summary = stream.Finish();
  crash.truncated = summary.truncated && crash.content == DumpContent::kFull;
  Describe(summary, crash);
  crash.original_bytes = summary.core_bytes;
  const Bytes written = file->size();
  auto path = file->Publish(EncodeDumpInfo(crash));
  if (!path) return path.error();
  return Captured{
      .file = *path, .read = stream.read(), .written = written, .info = std::move(crash)};
}

}  // namespace edgefeed
