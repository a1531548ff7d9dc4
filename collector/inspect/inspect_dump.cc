#include "collector/inspect/inspect_dump.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/file.h"
#include "common/base/unique_fd.h"
#include "common/compress/zstd_stream.h"
#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"
#include "common/unwind/unwind.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kMaxCoreBytes = std::uint64_t{4} << 30;
constexpr std::uint64_t kFreeBytes = 64 << 20;
constexpr std::uint64_t kMaxRatio = 200;
constexpr std::uint64_t kMaxReducedBytes = 32 << 20;
constexpr std::size_t kChunkBytes = 128 << 10;
constexpr std::size_t kMaxAnswerBytes = 1 << 20;
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

// The time of the processor that this process has had, which is what its sandbox limits.
std::chrono::nanoseconds ProcessorTime() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// A core that streams by: looked at, and reduced into memory, where libdw can look around.
class CoreSink {
 public:
  CoreSink() : reduced_(::memfd_create("core", MFD_CLOEXEC)) {}

  // An error when the bytes are those of no core file.
  Status Take(std::string_view bytes) {
    taken_ += bytes.size();
    scanner_.Update(bytes);
    std::string out;
    if (Status reduced = reducer_.Update(bytes, out); !reduced) return reduced;
    return Keep(out);
  }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

  Result<DumpInfo> Finish(const std::vector<std::filesystem::path>& symbols) {
    const CoreSummary core = scanner_.Finish();
    if (!core.is_core) return Error{Code::kDataLoss, "not a core file"};
    if (core.threads.empty()) return Error{Code::kDataLoss, "core file: no notes of any thread"};
    DumpInfo info;
    Describe(core, info);
    std::string out;
    const bool readable = reducer_.Finish(out) && Keep(out);
    if (!readable) return info;
    if (auto threads = Unwind(reduced_.get(), core, symbols)) info.threads = *std::move(threads);
    return info;
  }

 private:
  Status Keep(std::string_view bytes) {
    reduced_bytes_ += bytes.size();
    if (reduced_bytes_ > kMaxReducedBytes) {
      return Error{Code::kResourceExhausted, "reduced core: over 32 MiB"};
    }
    return WriteAll(reduced_.get(), bytes, "reduced core");
  }

  CoreScanner scanner_;
  CoreReducer reducer_;
  UniqueFd reduced_;
  std::uint64_t taken_ = 0;
  std::uint64_t reduced_bytes_ = 0;
};

// The stored bytes, piece by piece, as those of the core.
class StoredDump {
 public:
  StoredDump(int fd, std::chrono::nanoseconds reading_time)
      : fd_(fd), reading_time_(reading_time), chunk_(kChunkBytes, '\0') {}

  // Reads all, or as much as is allowed, into the sink.
  Status ReadInto(CoreSink& sink) {
    while (true) {
      auto bytes = Next();
      if (!bytes) return bytes.error();
      if (bytes->empty()) {
        cut_ = zstd_ && !zstd_->at_frame_end();
        return {};
      }
      if (Status taken = zstd_ ? Decompress(*bytes, sink) : Give(*bytes, sink); !taken) {
        return taken;
      }
      if (stopped_) return {};
    }
  }
  // It ends in the middle of its compressed bytes.
  [[nodiscard]] bool cut() const { return cut_; }
  // There is more than is read. Whether all is there nobody knows.
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  Result<std::string_view> Next() {
    ssize_t size = 0;
    do {
      size = ::read(fd_, chunk_.data(), chunk_.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) return ErrnoError("dump", errno);
    const std::string_view bytes(chunk_.data(), static_cast<std::size_t>(size));
    if (read_ == 0 && bytes.starts_with(kZstdMagic)) zstd_.emplace();
    read_ += bytes.size();
    return bytes;
  }

  Status Decompress(std::string_view stored, CoreSink& sink) {
    std::string plain;
    do {
      plain.clear();
      if (Status stepped = zstd_->Step(stored, plain); !stepped) return stepped;
      if (Status taken = Give(plain, sink); !taken) return taken;
    } while ((!stored.empty() || !plain.empty()) && !stopped_);
    return {};
  }

  Status Give(std::string_view bytes, CoreSink& sink) {
    if (Status taken = sink.Take(bytes); !taken) return taken;
    stopped_ = sink.taken() >= kMaxCoreBytes || ProcessorTime() > reading_time_ ||
               (zstd_ && sink.taken() > kFreeBytes + kMaxRatio * read_);
    return {};
  }

  int fd_;
  std::chrono::nanoseconds reading_time_;
  std::string chunk_;
  std::uint64_t read_ = 0;
  bool cut_ = false;
  bool stopped_ = false;
  std::optional<ZstdDecompressor> zstd_;
};

}  // namespace

Result<DumpInfo> InspectDump(int dump, const std::vector<std::filesystem::path>& symbols,
                             std::chrono::nanoseconds reading_time) {
  CoreSink sink;
  StoredDump stored(dump, reading_time);
  if (const Status read = stored.ReadInto(sink); !read) return read.error();
  auto info = sink.Finish(symbols);
  if (!info) return info;
  info->truncated = stored.cut() || (info->truncated && !stored.stopped());
  return info;
}

std::string BoundedAnswer(DumpInfo info) {
  std::string bytes = EncodeDumpInfo(info);
  while (bytes.size() > kMaxAnswerBytes && !(info.threads.empty() && info.modules.empty())) {
    if (info.threads.size() > 1) {
      info.threads.resize(info.threads.size() / 2);
    } else if (!info.modules.empty()) {
      info.modules.resize(info.modules.size() / 2);
    } else {
      info.threads.clear();
    }
    bytes = EncodeDumpInfo(info);
  }
  return bytes;
}

}  // namespace edgefeed
