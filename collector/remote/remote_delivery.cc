#include "collector/remote/remote_delivery.h"

#include <algorithm>
#include <utility>

#include "common/model/metrics.h"

namespace edgefeed {

HeadlineSeries::HeadlineSeries()
    : cpu_usage{.metric = std::string(metrics::kCpuUsage.name), .labels = {}},
      memory_mb{.metric = std::string(metrics::kMemoryMb.name), .labels = {}} {}

RemoteDelivery::RemoteDelivery(std::vector<StoredSample> samples, const StoredSamples& reader,
                               const HeadlineSeries& headline, NewestTimes& newest)
    : samples_(std::move(samples)) {
  std::vector<const StoredSample*> late;
  Part in_order;
  for (const StoredSample& sample : samples_) {
    const auto [before, is_first] = newest.try_emplace(sample.device, sample.sample.time);
    if (!is_first && sample.sample.time <= before->second) {
      late.push_back(&sample);
      continue;
    }
    before->second = sample.sample.time;
    AddValues(sample, reader, headline, in_order);
  }
  std::ranges::stable_sort(late, [](const StoredSample* a, const StoredSample* b) {
    return a->device != b->device ? *a->device < *b->device : a->sample.time > b->sample.time;
  });
  Part of_late{.order = Order::kLate, .values = {}};
  for (const StoredSample* sample : late) AddValues(*sample, reader, headline, of_late);
  if (!of_late.values.empty()) parts_.push_back(std::move(of_late));
  if (!in_order.values.empty()) parts_.push_back(std::move(in_order));
}

void RemoteDelivery::AddValues(const StoredSample& sample, const StoredSamples& reader,
                               const HeadlineSeries& headline, Part& part) {
  part.values.push_back({&sample, &headline.cpu_usage, sample.sample.cpu_usage_percent});
  part.values.push_back({&sample, &headline.memory_mb, sample.sample.memory_used_mib});
  for (const Reading& reading : sample.sample.readings) {
    part.values.push_back({&sample, &reader.series(reading.series), reading.value});
  }
}

std::size_t RemoteDelivery::values() const {
  std::size_t count = 0;
  for (const Part& part : parts_) count += part.values.size();
  return count;
}

std::size_t RemoteDelivery::Refused(RemoteDrop why) {
  const Part& part = parts_.back();
  const StoredSample& first = *part.values.front().sample;
  const bool is_of_time = why == RemoteDrop::kOutOfOrder || why == RemoteDrop::kTooOld;
  const bool is_one_sample = part.values.back().sample == &first;
  if (++refusals_ >= kMaxRefusals || part.values.size() == 1) return GiveUp();
  if (!is_one_sample || !is_of_time) {
    Halve();
    return 0;
  }
  const bool is_late = part.order == Order::kLate;
  const std::size_t given_up = GiveUp();
  return given_up + (is_late ? GiveUpOlder(first) : 0);
}

std::size_t RemoteDelivery::TooLarge() {
  if (++refusals_ >= kMaxRefusals || parts_.back().values.size() == 1) return GiveUp();
  Halve();
  return 0;
}

std::size_t RemoteDelivery::GiveUp() {
  const std::size_t count = parts_.back().values.size();
  parts_.pop_back();
  return count;
}

// Between two samples, while there are two.
void RemoteDelivery::Halve() {
  Part first = std::move(parts_.back());
  parts_.pop_back();
  auto middle = first.values.begin() + static_cast<std::ptrdiff_t>(first.values.size() / 2);
  if (first.values.front().sample != first.values.back().sample) {
    const auto* const of_middle = middle->sample;
    const auto is_of_it = [of_middle](const RemoteValue& value) {
      return value.sample == of_middle;
    };
    const auto begin = std::ranges::find_if(first.values, is_of_it);
    middle = begin != first.values.begin() ? begin
                                           : std::find_if_not(begin, first.values.end(), is_of_it);
  }
  Part second{.order = first.order, .values = {middle, first.values.end()}};
  first.values.erase(middle, first.values.end());
  parts_.push_back(std::move(second));
  parts_.push_back(std::move(first));
}

std::size_t RemoteDelivery::GiveUpOlder(const StoredSample& refused) {
  std::size_t given_up = 0;
  for (Part& part : parts_) {
    if (part.order != Order::kLate) continue;
    given_up += std::erase_if(part.values, [&refused](const RemoteValue& value) {
      return value.sample->device == refused.device &&
             value.sample->sample.time <= refused.sample.time;
    });
  }
  std::erase_if(parts_, [](const Part& part) { return part.values.empty(); });
  return given_up;
}

}  // namespace edgefeed
