#include "collector/history/history_writer.h"

#include <chrono>
#include <utility>

#include "collector/history/frame.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr auto kHandOverEvery = 100ms;
constexpr std::size_t kHandOverBytes = std::size_t{256} << 10;

Error Unavailable(const std::string& reason) {
  return Error{Code::kUnavailable, "history: " + reason};
}

}  // namespace

class HistoryWriter::Ear final : public WriterEvents {
 public:
  explicit Ear(OnStored on_stored) : on_stored_(std::move(on_stored)) {}

  void Learn(DeviceNumber number, const std::string& name) { names_[number] = &name; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  void Stored(const std::vector<StoredPosition>& positions) override {
    std::vector<StreamPosition> of_one;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      of_one.push_back(positions[i].position);
      const bool last = i + 1 == positions.size() || positions[i + 1].device != positions[i].device;
      if (!last) continue;
      on_stored_(*names_.at(positions[i].device), of_one);
      of_one.clear();
    }
  }
  void Trouble(const std::string& reason) override { trouble_ = reason; }

 private:
  OnStored on_stored_;
  std::unordered_map<DeviceNumber, const std::string*> names_;
  std::string trouble_;
};

HistoryWriter::HistoryWriter(Scheduler& engine, const SeriesTable& shard_series,
                             std::shared_ptr<StoreLink> link, CollectorStats& stats,
                             OnStored on_stored)
    : engine_(engine),
      shard_series_(shard_series),
      link_(std::move(link)),
      stats_(stats),
      ear_(std::make_shared<Ear>(std::move(on_stored))),
      address_(std::make_shared<const WriterAddress>(WriterAddress{engine, ear_})) {}

HistoryWriter::~HistoryWriter() { HandOverBuffer(); }

std::uint64_t HistoryWriter::UnsyncedBytes() const {
  return link_->unsynced_bytes + buffer_.entries.size();
}

// The other half is for what is on its way. In trouble a feed is read, to be told.
bool HistoryWriter::HasRoom() const {
  return UnsyncedBytes() < link_->max_unsynced.count / 2 || !ear_->trouble().empty();
}

Status HistoryWriter::CheckRoom() const {
  if (!ear_->trouble().empty()) return Unavailable(ear_->trouble());
  if (UnsyncedBytes() >= link_->max_unsynced.count) {
    return Unavailable("the disk does not keep up");
  }
  return {};
}

Status HistoryWriter::Append(const std::string& device, const Sample& sample, WallTime received) {
  Status room = CheckRoom();
  const DeviceNumber number = room ? NumberOf(device) : 0;
  if (room && number == 0) room = Unavailable("there are too many devices");
  if (!room) {
    ++stats_.history_samples_refused;
    return room;
  }
  NameNewSeries();
  columns_.clear();
  const Sample* const samples[] = {&sample};
  EncodeSamples(samples, series_numbers_, columns_);
  PutFrame({.device = number,
            .position = sample.position,
            .received = received,
            .time = sample.time,
            .columns = columns_},
           buffer_.entries);
  Wrote();
  return {};
}

void HistoryWriter::Describe(const std::string& device, const DeviceInfo& info) {
  const DeviceNumber number = NumberOf(device);
  if (number == 0) return;
  PutDeviceDescription(number, info, buffer_.entries);
  Wrote();
}

DeviceNumber HistoryWriter::NumberOf(const std::string& device) {
  const auto found = devices_.find(device);
  if (found != devices_.end()) return found->second;
  const auto known = link_->known.devices.find(device);
  const bool is_new = known == link_->known.devices.end();
  const DeviceNumber number = is_new ? link_->next_device.fetch_add(1) : known->second;
  if (number > kMaxDeviceNumber) {
    link_->next_device = kMaxDeviceNumber + 1;
    return 0;
  }
  const auto added = devices_.emplace(device, number).first;
  ear_->Learn(number, added->first);
  if (is_new) {
    PutDeviceName(number, device, buffer_.entries);
    buffer_.has_names = true;
    Wrote();
  }
  return number;
}

void HistoryWriter::NameNewSeries() {
  for (auto id = static_cast<SeriesId>(series_numbers_.size()); id < shard_series_.size(); ++id) {
    series_numbers_.push_back(NumberOf(shard_series_[id]));
  }
}

SeriesNumber HistoryWriter::NumberOf(const Series& series) {
  const auto known = link_->known.series.find(series);
  if (known != link_->known.series.end()) return known->second;
  if (next_series_ == end_series_) {
    next_series_ = link_->next_series.fetch_add(StoreLink::kSeriesBlock);
    end_series_ = next_series_ + StoreLink::kSeriesBlock;
  }
  PutSeriesName(next_series_, series, buffer_.entries);
  buffer_.has_names = true;
  Wrote();
  return next_series_++;
}

void HistoryWriter::Wrote() {
  ++buffer_.count;
  if (buffer_.entries.size() >= kHandOverBytes) return HandOverBuffer();
  if (waiting_) return;
  waiting_ = true;
  hand_over_ = engine_.RunAfter(kHandOverEvery, [this] { HandOverBuffer(); });
}

void HistoryWriter::HandOverBuffer() {
  hand_over_.Cancel();
  waiting_ = false;
  if (buffer_.count == 0) return;
  buffer_.writer = address_;
  link_->unsynced_bytes += buffer_.entries.size();
  // A function must be copyable, and the buffer must not be copied.
  auto entries = std::make_shared<HandOver>(std::exchange(buffer_, {}));
  link_->strand.Post([link = link_, entries] {
    if (link->store != nullptr) link->store->OnHandOver(std::move(*entries));
  });
}

}  // namespace edgefeed
