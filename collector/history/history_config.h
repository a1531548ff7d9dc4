#pragma once

#include <chrono>
#include <filesystem>

#include "common/base/units.h"

namespace edgefeed {

struct HistoryConfig {
  std::filesystem::path directory = "/var/lib/edgefeed-collector/history";
  std::chrono::hours raw_retention{3 * 24};
  std::chrono::hours minute_retention{90 * 24};
  std::chrono::hours hour_retention{2 * 365 * 24};
  Bytes max_size = GiB(20);  // All files together.
  // Samples are put on stable storage, and so acknowledged, at most this often.
  std::chrono::milliseconds sync_every{1000};
  // So many seconds of a device's samples make one chunk. So long they wait in memory, in a small
  // fleet three quarters longer.
  std::chrono::seconds chunk_every{120};
  // So often the log and old files are looked at: a crash leaves at most a few times as much to be
  // read again, and the segments of the log that it is in.
  std::chrono::seconds checkpoint_every{60};
  // Bounds what is read again after a crash: about a million small frames, which take a good
  // second.
  Bytes log_segment_size = MiB(14);
  // How much of the log is kept for those who read all of it, and for no longer than raw_retention.
  [[nodiscard]] Bytes max_outbox() const { return {max_size.count / 4}; }
  // So long the log may become for a backup's sake.
  Bytes max_held_log = GiB(1);
  Bytes max_unsynced = MiB(32);  // Handed over and not on stable storage yet; beyond: refused.
};

}  // namespace edgefeed
