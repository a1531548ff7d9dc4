#include "collector/history/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "collector/history/history.h"
#include "collector/history/partition_path.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/units.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

// Left free for what the history writes meanwhile.
constexpr Bytes kReserve = MiB(64);
// When a disk that is full may have room again.
constexpr std::chrono::minutes kRoomAgain{5};
// In SQLite's own steps, of which it does some millions a second.
constexpr int kAskEvery = 10'000;

// Files with this ending, as "kind/name", in order of name.
std::vector<std::string> ListFiles(const fs::path& directory, const std::string& kind,
                                   const char* ending) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory / kind, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ending) {
      names.push_back(kind + "/" + entry->path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

std::uint64_t SizeOfFile(const fs::path& path) {
  std::error_code gone;
  const auto size = fs::file_size(path, gone);
  return gone ? 0 : size;
}

Result<BackupFile> OpenFile(const fs::path& file, std::string path) {
  BackupFile opened{.path = std::move(path),
                    .content = UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC))};
  struct stat status{};
  if (!opened.content.valid() || ::fstat(opened.content.get(), &status) != 0) {
    return ErrnoError(file.string(), errno);
  }
  opened.size_bytes = static_cast<std::uint64_t>(status.st_size);
  return opened;
}

int Ask(void* is_wanted) {
  return (*static_cast<const std::function<bool()>*>(is_wanted))() ? 0 : 1;
}

}  // namespace

HistoryBackup::HistoryBackup(Parts parts, std::string client, std::function<bool()> is_wanted)
    : parts_(std::move(parts)),
      client_(std::move(client)),
      is_wanted_(std::move(is_wanted)),
      directory_(parts_.history.directory()) {}

HistoryBackup::~HistoryBackup() {
  if (hold_ != nullptr) Clear(parts_.scratch);
}

void HistoryBackup::Clear(const fs::path& scratch) {
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
}

void HistoryBackup::Begin(Begun answer) {
  // The hold is let go when nobody takes it over.
  parts_.history.HoldLog(
      client_, [this, alive = std::weak_ptr(alive_), &worker = parts_.worker,
                answer = std::move(answer)](const Result<std::shared_ptr<const LogHold>>& hold) {
        worker.Post([this, alive, hold, answer] {
          if (alive.expired()) return;
          if (!hold) return answer(hold.error());
          hold_ = *hold;
          Plan(answer);
        });
      });
}

void HistoryBackup::Plan(const Begun& answer) {
  for (const char* kind : {"raw", "minute", "hour"}) {
    std::ranges::move(ListFiles(directory_, kind, ".db"), std::back_inserter(databases_));
  }
  databases_.emplace_back("meta.db");
  BackupSize size;
  std::uint64_t largest = 0;
  const auto count = [&](const std::string& path, std::uint64_t bytes) {
    ++size.files;
    size.bytes += bytes;
    if (path.ends_with(".db")) largest = std::max(largest, bytes);
  };
  for (const std::string& path : databases_) {
    const fs::path file = directory_ / path;
    count(path, SizeOfFile(file) + SizeOfFile(file.string() + "-wal"));
  }
  for (const char* kind : {"log", "names"}) {
    for (const std::string& path : ListFiles(directory_, kind, ".log")) {
      count(path, SizeOfFile(directory_ / path));
    }
  }
  Clear(parts_.scratch);
  std::error_code error;
  fs::create_directories(parts_.scratch, error);
  if (error) return answer(ErrnoError(parts_.scratch.string(), error.value()));
  if (const Status room = CheckRoom(largest); !room) return answer(room.error());
  answer(size);
}

Status HistoryBackup::CheckRoom(std::uint64_t bytes) const {
  std::error_code error;
  const auto space = fs::space(parts_.scratch, error);
  if (error) return ErrnoError(parts_.scratch.string(), error.value());
  const std::uint64_t needed = bytes + kReserve.count;
  if (space.available >= needed) return {};
  return Error{Code::kResourceExhausted,
               parts_.scratch.string() + " of the collector has " + FormatBytes({space.available}) +
                   " free; the copy of its largest file needs " + FormatBytes({needed}),
               kRoomAgain};
}

Status HistoryBackup::CheckLogIsHeld() const {
  if (!hold_->is_lost) return {};
  return Error{Code::kResourceExhausted,
               "the backup takes so long that the collector cannot keep its log for it any longer "
               "(history.max_size, or a faster way to the collector, would make it shorter)"};
}

void HistoryBackup::Next(const NextFile& answer) {
  if (!is_wanted_()) return answer(Error{Code::kCancelled, "the backup is not wanted any more"});
  if (!log_is_taken_) {
    if (const Status held = CheckLogIsHeld(); !held) return answer(held.error());
  }
  while (!databases_.empty()) {
    const std::string path = std::move(databases_.front());
    databases_.pop_front();
    auto file = CopyDatabase(path);
    if (!file || *file) return answer(std::move(file));
  }
  if (!log_is_taken_) return TakeLog(answer);
  if (logs_.empty()) return answer(std::optional<BackupFile>());
  BackupFile file = std::move(logs_.front());
  logs_.pop_front();
  answer(std::optional(std::move(file)));
}

// Nothing when it has been deleted.
Result<std::optional<BackupFile>> HistoryBackup::CopyDatabase(const std::string& path) {
  const fs::path source = directory_ / path;
  const fs::path copy = parts_.scratch / "copy.db";
  const Status copied = VacuumInto(source, copy);
  auto file = copied ? OpenFile(copy, path) : Result<BackupFile>(copied.error());
  DeleteDatabase(copy);
  if (file) return std::optional(std::move(*file));
  std::error_code error;
  if (!fs::exists(source, error)) return std::optional<BackupFile>();
  if (!is_wanted_()) return Error{Code::kCancelled, path + ": the backup is not wanted any more"};
  return file.error();
}

// A consistent copy, whoever writes to it.
Status HistoryBackup::VacuumInto(const fs::path& source, const fs::path& target) {
  auto database = Database::Open(source, Database::Mode::kReadOnly);
  if (!database) return database.error();
  sqlite3_progress_handler(database->handle(), kAskEvery, &Ask, &is_wanted_);
  auto copy = database->Prepare("VACUUM INTO ?");
  if (!copy) return copy.error();
  const std::string name = target.string();
  return copy->BindText(1, name).Run();
}

void HistoryBackup::TakeLog(const NextFile& answer) {
  parts_.history.OpenLog([this, alive = std::weak_ptr(alive_), &worker = parts_.worker,
                          answer](Result<std::deque<BackupFile>> opened) {
    // A task can be copied, and files cannot.
    const auto files = std::make_shared<Result<std::deque<BackupFile>>>(std::move(opened));
    worker.Post([this, alive, files, answer] {
      if (alive.expired()) return;
      if (!*files) return answer(files->error());
      if (const Status held = CheckLogIsHeld(); !held) return answer(held.error());
      logs_ = std::move(**files);
      log_is_taken_ = true;
      // After the log, so that all that it uses has its name.
      if (const Status taken = TakeNames(); !taken) return answer(taken.error());
      Next(answer);
    });
  });
}

Status HistoryBackup::TakeNames() {
  for (const std::string& path : ListFiles(directory_, "names", ".log")) {
    auto file = OpenFile(directory_ / path, path);
    if (!file) return file.error();
    logs_.push_back(std::move(*file));
  }
  return {};
}

}  // namespace edgefeed
