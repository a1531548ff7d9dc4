#include "ctl/verify_files.h"

#include <system_error>
#include <utility>

#include "agent/outbox/inspect.h"
#include "collector/history/verify.h"
#include "common/log/log.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSegmentEnding = ".seg";

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool HasSegments(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == kSegmentEnding) return true;
  }
  return false;
}

bool IsHistory(const fs::path& path) {
  return Exists(path / "meta.db") || Exists(path / "names") || Exists(path / "raw");
}

bool IsOutbox(const fs::path& path) {
  return path.extension() == kSegmentEnding || path.filename() == "outbox" || HasSegments(path);
}

std::uint64_t SizeOfAll(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
  }
  std::uint64_t total = 0;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) total += entry->file_size(gone);
  }
  return total;
}

// Adds up the sizes of the files as they are read.
class ReadSoFar {
 public:
  ReadSoFar(const OnVerifyProgress& on_progress, std::uint64_t total_bytes)
      : on_progress_(on_progress), total_bytes_(total_bytes) {}

  void operator()(const fs::path& file) {
    on_progress_(done_bytes_, total_bytes_);
    done_bytes_ += SizeOfAll(file);
  }

 private:
  const OnVerifyProgress& on_progress_;
  std::uint64_t total_bytes_;
  std::uint64_t done_bytes_ = 0;
};

VerifiedFiles VerifyHistoryAt(const fs::path& path, const OnVerifyProgress& on_progress) {
  VerifiedFiles verified{.path = path, .kind = "history", .bytes = SizeOfAll(path)};
  VerifyReport report = VerifyHistory(path, ReadSoFar(on_progress, verified.bytes));
  verified.files = report.files;
  verified.devices = report.devices;
  verified.samples = report.samples;
  verified.log_entries = report.log_entries;
  verified.rollups = report.rollups;
  verified.damage = std::move(report.damage);
  return verified;
}

Result<VerifiedFiles> VerifyOutboxAt(const fs::path& path, const OnVerifyProgress& on_progress) {
  VerifiedFiles verified{.path = path, .kind = "outbox", .bytes = SizeOfAll(path)};
  const auto report = CheckOutbox(path, ReadSoFar(on_progress, verified.bytes));
  if (!report) return report.error();
  verified.files = report->segments;
  verified.samples = report->samples;
  const bool is_directory = fs::is_directory(path);
  for (const std::string& line : report->damaged) {
    verified.damage.push_back(((is_directory ? path : path.parent_path()) / line).string());
  }
  return verified;
}

}  // namespace

Result<VerifiedFiles> VerifyFiles(const fs::path& path, const OnVerifyProgress& on_progress) {
  SetUpNoLog();  // The report says it.
  if (!Exists(path)) return Error{Code::kNotFound, path.string() + ": no such file or directory"};
  if (IsHistory(path)) return VerifyHistoryAt(path, on_progress);
  if (IsOutbox(path)) return VerifyOutboxAt(path, on_progress);
  if (IsHistory(path / "history")) return VerifyHistoryAt(path / "history", on_progress);
  if (Exists(path / "outbox")) return VerifyOutboxAt(path / "outbox", on_progress);
  return Error{Code::kNotFound,
               path.string() +
                   ": neither a history or a backup of one, nor an outbox, nor one of its segments "
                   "(give a collector's data_dir, an agent's state_dir, a backup or a .seg file)"};
}

}  // namespace edgefeed
