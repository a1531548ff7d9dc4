#include "collector/history/inventory.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace edgefeed {
namespace {

// Numbers are given without holes of more than a block: a larger one is damage.
constexpr SeriesNumber kMaxSeriesNumber = 1U << 26U;

void Advance(std::vector<StreamPosition>& stored, const StreamPosition& position) {
  const auto known = std::ranges::find(stored, position.stream, &StreamPosition::stream);
  if (known != stored.end()) {
    known->sequence = std::max(known->sequence, position.sequence);
    return;
  }
  stored.push_back(position);
  if (stored.size() > static_cast<std::size_t>(kMaxStreams)) stored.erase(stored.begin());
}

Error Unknown(DeviceNumber device) {
  return Error{Code::kDataLoss, "device " + std::to_string(device) + " has no name"};
}

}  // namespace

Status Inventory::Apply(Lsn lsn, const Entry& entry) {
  return std::visit([this, lsn](const auto& one) { return Add(lsn, one); }, entry);
}

Status Inventory::Add(Lsn lsn, const Frame& frame) {
  const auto found = devices_.find(frame.device);
  if (found == devices_.end()) return Unknown(frame.device);
  // Not counted_lsn_: after a failed sync the log may have entries out of order.
  if (lsn <= saved_lsn_) return {};
  counted_lsn_ = std::max(counted_lsn_, lsn);
  KnownDevice& device = found->second;
  if (device.request_count++ == 0) device.first_seen = frame.received;
  device.last_seen = frame.received;
  if (frame.position.stream != 0) Advance(device.stored, frame.position);
  dirty_devices_.insert(frame.device);
  return {};
}

Status Inventory::Add(Lsn /*lsn*/, const DeviceName& name) {
  if (name.number == 0 || name.number > kMaxDeviceNumber) return Unknown(name.number);
  const auto [device, is_new] = devices_.try_emplace(name.number, KnownDevice{.name = name.name});
  if (!is_new) return {};
  numbers_.emplace(name.name, name.number);
  next_device_ = std::max(next_device_, name.number + 1);
  dirty_devices_.insert(name.number);
  dirty_descriptions_.insert(name.number);
  return {};
}

Status Inventory::Add(Lsn /*lsn*/, const SeriesName& name) {
  if (name.number > kMaxSeriesNumber) {
    return Error{Code::kDataLoss, "series " + std::to_string(name.number) + " is too far"};
  }
  if (Insert(name.number, name.series)) dirty_series_.push_back(name.number);
  return {};
}

Status Inventory::Add(Lsn /*lsn*/, const DeviceDescription& description) {
  const auto found = devices_.find(description.device);
  if (found == devices_.end()) return Unknown(description.device);
  found->second.info = std::make_shared<const DeviceInfo>(description.info);
  dirty_descriptions_.insert(description.device);
  return {};
}

void Inventory::Restore(DeviceNumber number, KnownDevice device) {
  numbers_.emplace(device.name, number);
  next_device_ = std::max(next_device_, number + 1);
  devices_.insert_or_assign(number, std::move(device));
}

void Inventory::Restore(SeriesNumber number, const Series& series) { Insert(number, series); }

// False: there is one of that number, which stays.
bool Inventory::Insert(SeriesNumber number, const Series& series) {
  const auto [place, is_new] = series_.try_emplace(number, series);
  if (!is_new) return false;
  next_series_ = std::max(next_series_, number + 1);
  of_metric_[place->second.metric].push_back(number);
  return true;
}

std::span<const SeriesNumber> Inventory::NumbersOf(const std::string& metric) const {
  const auto found = of_metric_.find(metric);
  if (found == of_metric_.end()) return {};
  return found->second;
}

const KnownDevice* Inventory::Find(DeviceNumber number) const {
  const auto found = devices_.find(number);
  return found == devices_.end() ? nullptr : &found->second;
}

std::optional<DeviceNumber> Inventory::NumberOf(const std::string& device) const {
  const auto found = numbers_.find(device);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

void Inventory::MarkClean() {
  saved_lsn_ = counted_lsn_;
  dirty_devices_.clear();
  dirty_descriptions_.clear();
  dirty_series_.clear();
}

}  // namespace edgefeed
