#include "collector/history/retention.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

using std::chrono::hours;

template <typename Visit>
void ForEachFile(const fs::path& directory, Visit visit) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) visit(*entry);
  }
}

}  // namespace

Bytes SizeOf(const fs::path& directory) {
  Bytes total;
  ForEachFile(directory, [&total](const fs::directory_entry& file) {
    std::error_code gone;
    const auto size = file.file_size(gone);
    if (!gone) total.count += size;
  });
  return total;
}

void Retention::Apply(WallTime now) {
  DeleteExpired(now);
  Bytes size = SizeOf(config_.directory);
  const Bytes before = size;
  while (size > config_.max_size && DeleteOldest()) size = SizeOf(config_.directory);
  if (size < before) {
    spdlog::warn("history: {} are more than {} (history.max_size): the oldest {} are deleted",
                 FormatBytes(before), FormatBytes(config_.max_size),
                 FormatBytes({before.count - size.count}));
  }
  stats_.history_bytes = size.count;
}

void Retention::DeleteExpired(WallTime now) {
  for (const Hours hour : state_.partitions->List()) {
    // Samples that came very late are to be part of the minutes before they go.
    if (hour + hours(1) + config_.raw_retention > now || rollup_.IsPending(hour)) continue;
    state_.partitions->Delete(hour);
    ++stats_.history_files_deleted;
  }
  const auto expire = [&](Tier& tier, hours retention) {
    for (const Tier::File& file : tier.List()) {
      if (file.end + retention > now) continue;
      tier.Delete(file.path);
      ++stats_.history_files_deleted;
    }
  };
  expire(*state_.minutes, config_.minute_retention);
  expire(*state_.hours, config_.hour_retention);
}

// The newest file of each kind stays: it is being written.
bool Retention::DeleteOldest() {
  const auto partitions = state_.partitions->List();
  const bool deleted = [&] {
    if (DeleteDamaged()) return true;
    if (partitions.size() < 2) {
      return DeleteOldestOf(*state_.minutes) || DeleteOldestOf(*state_.hours);
    }
    state_.partitions->Delete(partitions.front());
    return true;
  }();
  if (deleted) ++stats_.history_files_deleted;
  return deleted;
}

bool Retention::DeleteDamaged() {
  fs::path damaged;
  ForEachFile(config_.directory, [&damaged](const fs::directory_entry& file) {
    if (file.path().filename().string().find(".damaged") != std::string::npos) {
      damaged = file.path();
    }
  });
  std::error_code error;
  return !damaged.empty() && fs::remove(damaged, error);
}

bool Retention::DeleteOldestOf(Tier& tier) {
  const auto files = tier.List();
  if (files.size() < 2) return false;
  tier.Delete(files.front().path);
  return true;
}

}  // namespace edgefeed
