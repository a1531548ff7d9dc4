#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/history/frame.h"
#include "collector/history/history_config.h"
#include "collector/history/log_outbox.h"
#include "collector/history/log_segment_reader.h"
#include "collector/ports.h"

namespace edgefeed {

// Reads the log behind its writer, segment by segment, also those that are in the outbox. Remembers
// all names, and for each device what the log's encoder does. Made on any thread, then on the
// follower's strand.
class LogTail final : public StoredSamples {
 public:
  // `there`: the segments of the log, of which the last may be written on.
  LogTail(const HistoryConfig& config, const std::vector<LogSegment>& there,
          std::shared_ptr<LogFollower> follower, std::function<void()> on_more);
  ~LogTail() override;
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;

  // The log is on stable storage up to here.
  void Grown(const LogFront& front);

  Result<StoredRun> Next(std::size_t values) override;
  [[nodiscard]] const Series& series(SeriesId id) const override { return series_.at(id); }
  void Done(std::uint64_t place) override { follower_->done = place; }
  [[nodiscard]] std::uint64_t ExpiredUpTo() override;

 private:
  [[nodiscard]] std::vector<LogSegment> OutboxSegments() const;
  void ReadNames();
  void FindStart(const std::vector<LogSegment>& there);
  // False when there is nothing to be read.
  Result<bool> OpenNext();
  [[nodiscard]] std::uint64_t Limit() const;
  void Take(Lsn lsn, const Entry& entry, StoredRun& run);
  void TakeFrame(Lsn lsn, const Frame& frame, StoredRun& run);

  bool KnowsNames(const Frame& frame, const Sample& sample);

  std::filesystem::path directory_;
  Bytes max_outbox_;
  std::chrono::hours retention_;
  std::shared_ptr<LogFollower> follower_;
  std::function<void()> on_more_;
  LogFront front_;
  Lsn place_;                          // What was given last.
  std::optional<std::uint64_t> next_;  // The segment to be opened when there is no reader_.
  std::unique_ptr<LogSegmentReader> reader_;
  bool names_read_ = false;  // Again, because one was not known, in this segment.
  std::unordered_map<DeviceNumber, std::string> devices_;
  std::unordered_map<SeriesNumber, Series> series_;
};

}  // namespace edgefeed
