#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/history/chunk_codec.h"
#include "collector/history/history.h"
#include "collector/history/recovery.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {

// A history with one writer; engine and store strand are the test's own thread.
class HistoryFixture {
 public:
  HistoryFixture() { config.directory = home.path() / "history"; }
  ~HistoryFixture() { End(); }
  HistoryFixture(const HistoryFixture&) = delete;
  HistoryFixture& operator=(const HistoryFixture&) = delete;

  void Open() {
    auto opened = History::Open(config, scheduler, stats);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    history = std::move(*opened);
    writer = NewWriter(series);
  }
  std::unique_ptr<SampleStore> NewWriter(const SeriesTable& table) {
    return history->NewWriter(
        scheduler, table,
        [this](const std::string& device, const std::vector<StreamPosition>& positions) {
          for (const StreamPosition& position : positions) {
            stored[{device, position.stream}] = position.sequence;
          }
        });
  }
  // As a clean stop does.
  void Close() {
    writer.reset();
    scheduler.RunUntilIdle();
    if (history) history->Close();
    End();
  }
  // As a crash does, but for what the kernel would have lost.
  void End() {
    writer.reset();
    history.reset();
    scheduler.RunUntilIdle();
  }

  // The next sample of the device: its values follow from its number.
  Sample Next(const std::string& device, StreamId stream = 1) {
    const std::uint64_t sequence = ++sent[{device, stream}];
    return {.position = {.stream = stream, .sequence = sequence},
            .time = scheduler.WallNow(),
            .cpu_usage_percent = static_cast<double>(sequence),
            .memory_used_mib = 7,
            .readings = {{disk, static_cast<double>(sequence) / 8}}};
  }
  Status Append(const std::string& device, StreamId stream = 1) {
    return writer->Append(device, Next(device, stream), scheduler.WallNow());
  }

  [[nodiscard]] KnownDevice Device(const std::string& name) const {
    for (KnownDevice& device : history->inventory()) {
      if (device.name == name) return device;
    }
    return {};
  }

  TempDir home;
  HistoryConfig config;
  ManualScheduler scheduler;
  CollectorStats stats;
  SeriesTable series{1000};
  SeriesId disk = *series.Intern({"disk", {{"device", "sda"}}});
  std::unique_ptr<History> history;
  std::unique_ptr<SampleStore> writer;
  std::map<std::pair<std::string, StreamId>, std::uint64_t> sent;
  std::map<std::pair<std::string, StreamId>, std::uint64_t> stored;  // As said by OnStored.
};

// How often each sample of each device is there, by its cpu_usage, which is its number.
class SampleCounts {
 public:
  void Add(const std::string& device, const std::vector<Sample>& samples) {
    for (const Sample& sample : samples) {
      ++counts_[device][static_cast<std::uint64_t>(sample.cpu_usage_percent)];
      const std::vector<double> expected{sample.cpu_usage_percent / 8};
      CHECK(std::ranges::equal(sample.readings, expected, {}, &Reading::value));
    }
  }
  using ByDevice = std::map<std::string, std::map<std::uint64_t, int>>;
  [[nodiscard]] const ByDevice& Get() const { return counts_; }

 private:
  ByDevice counts_;
};

inline void AddPartitions(RawPartitions& partitions, DeviceNumber number, const std::string& device,
                          ChunkCodec& codec, SampleCounts& counts) {
  for (const Hours hour : partitions.List()) {
    const auto chunks =
        partitions.Read(hour, number, hour - std::chrono::hours(1), hour + std::chrono::hours(2));
    if (!chunks) FAIL(chunks.error().message);
    for (const Chunk& chunk : *chunks) counts.Add(device, *codec.Decode(chunk, codec.numbers()));
  }
}

// Of the files of a history that is not running.
inline SampleCounts::ByDevice CountSamples(const HistoryConfig& config) {
  CollectorStats stats;
  auto state = Recover(config, FromUnixMillis(1'700'000'000'000), stats);
  if (!state) FAIL(state.error().message);
  ChunkCodec codec;
  codec.SetSeriesCount(state->inventory.next_series());
  SampleCounts counts;
  for (const auto& [number, device] : state->inventory.devices()) {
    for (const OpenChunk* chunk : state->open.Of(number)) {
      counts.Add(device.name, codec.DecodeFrames(chunk->frames, codec.numbers()));
    }
    AddPartitions(*state->partitions, number, device.name, codec, counts);
  }
  CHECK(stats.history_files_damaged == 0);
  CHECK(stats.history_frames_unreadable == 0);
  return counts.Get();
}

}  // namespace edgefeed
