#include "collector/history/log_tail.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <ranges>
#include <system_error>
#include <utility>
#include <variant>

#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr auto kWhole = std::numeric_limits<std::uint64_t>::max();

// Of its newest sample, about.
bool IsOlderThan(const fs::path& file, WallTime when) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  return !error && std::chrono::file_clock::to_sys(written) < when;
}

}  // namespace

LogTail::LogTail(const HistoryConfig& config, const std::vector<LogSegment>& there,
                 std::shared_ptr<LogFollower> follower, std::function<void()> on_more)
    : directory_(config.directory),
      max_outbox_(config.max_outbox()),
      retention_(config.raw_retention),
      follower_(std::move(follower)),
      on_more_(std::move(on_more)),
      place_(follower_->done) {
  ReadNames();
  FindStart(there);
  follower_->tail = this;
}

LogTail::~LogTail() { follower_->tail = nullptr; }

void LogTail::ReadNames() {
  StoredRun none;
  const auto read = ReadLog(directory_ / "names", [&](Lsn, const Entry& entry) {
    if (!std::holds_alternative<Frame>(entry)) Take(0, entry, none);
  });
  if (!read) spdlog::error("history: {}", read.error().message);
}

std::vector<LogSegment> LogTail::OutboxSegments() const {
  auto kept = ListLogSegments(directory_ / kOutboxDirectory);
  return kept ? std::move(*kept) : std::vector<LogSegment>();
}

void LogTail::FindStart(const std::vector<LogSegment>& there) {
  std::vector<LogSegment> all = OutboxSegments();
  all.insert(all.end(), there.begin(), there.end());
  if (!all.empty()) front_ = {.number = all.back().number, .size = all.back().size};
  for (const LogSegment& segment : all) {
    const auto first = FirstLsn(segment.path);
    if (next_ && first && *first > place_ + 1) return;
    next_ = segment.number;
  }
}

void LogTail::Grown(const LogFront& front) {
  if (!next_ && !reader_) next_ = front.number;
  front_ = front;
  on_more_();
}

Result<bool> LogTail::OpenNext() {
  for (; next_ && *next_ <= front_.number; ++*next_) {
    std::string name = std::to_string(*next_);
    name.insert(0, 8 - std::min<std::size_t>(name.size(), 8), '0');
    name += ".log";
    // It may be moved from the one to the other meanwhile.
    for (const std::string_view kind : {std::string_view("log"), kOutboxDirectory}) {
      auto opened = LogSegmentReader::Open(directory_ / kind / name, *next_);
      if (opened) {
        reader_ = std::move(*opened);
        names_read_ = false;
        return true;
      }
      if (opened.error().code != Code::kNotFound) return opened.error();
    }
  }
  return false;
}

std::uint64_t LogTail::Limit() const {
  return reader_->number() < front_.number ? kWhole : front_.size;
}

Result<StoredRun> LogTail::Next(std::size_t values) {
  StoredRun run;
  std::size_t read = 0;
  std::size_t counted = 0;
  while (read < values) {
    if (!reader_) {
      const auto opened = OpenNext();
      if (!opened) return opened.error();
      if (!*opened) break;
    }
    const std::uint64_t before = reader_->unreadable();
    const auto more =
        reader_->Next(Limit(), [&](Lsn lsn, const Entry& entry) { Take(lsn, entry, run); });
    if (!more) return more.error();
    run.unreadable += reader_->unreadable() - before;
    for (; counted < run.samples.size(); ++counted) {
      read += run.samples[counted].sample.readings.size() + 2;
    }
    if (*more) continue;
    if (reader_->number() >= front_.number) break;
    next_ = reader_->number() + 1;
    reader_.reset();
  }
  return run;
}

void LogTail::Take(Lsn lsn, const Entry& entry, StoredRun& run) {
  if (const auto* frame = std::get_if<Frame>(&entry)) {
    if (lsn > place_) TakeFrame(lsn, *frame, run);
  } else if (const auto* device = std::get_if<DeviceName>(&entry)) {
    devices_.try_emplace(device->number, device->name);
  } else if (const auto* series = std::get_if<SeriesName>(&entry)) {
    series_.try_emplace(series->number, series->series);
  }
}

void LogTail::TakeFrame(Lsn lsn, const Frame& frame, StoredRun& run) {
  place_ = lsn;
  auto samples = DecodeSamples(frame.columns, SampleColumnLimits());
  if (!samples || !KnowsNames(frame, samples->front())) {
    ++run.unreadable;
    return;
  }
  run.samples.push_back({.place = lsn,
                         .device = &devices_.at(frame.device),
                         .received = frame.received,
                         .sample = std::move(samples->front())});
}

// The record that brought a name may be damaged: it is in the other log as well.
bool LogTail::KnowsNames(const Frame& frame, const Sample& sample) {
  const auto knows = [&] {
    return devices_.contains(frame.device) &&
           std::ranges::all_of(sample.readings, [this](const Reading& reading) {
             return series_.contains(reading.series);
           });
  };
  if (knows()) return true;
  if (std::exchange(names_read_, true)) return false;
  ReadNames();
  return knows();
}

std::uint64_t LogTail::ExpiredUpTo() {
  const auto kept = OutboxSegments();
  const WallTime oldest = follower_->strand.WallNow() - retention_;
  std::uint64_t bytes = 0;
  const LogSegment* behind = nullptr;
  for (const LogSegment& segment : kept | std::views::reverse) {
    bytes += segment.size;
    if (bytes > max_outbox_.count || IsOlderThan(segment.path, oldest)) {
      const auto first = behind == nullptr ? std::nullopt : FirstLsn(behind->path);
      return first ? *first - 1 : 0;
    }
    behind = &segment;
  }
  return 0;
}

}  // namespace edgefeed
