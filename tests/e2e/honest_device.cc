#include "tests/e2e/honest_device.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "common/model/features.h"
#include "tests/e2e/client.h"

namespace edgefeed::e2e {
namespace {

constexpr double kCalm = 5;
// Exact in binary, and below 100 for as long as any test lasts.
double Alarming(std::uint64_t number) { return 91 + static_cast<double>(number) / 4096; }

}  // namespace

HonestDevice::HonestDevice(const std::shared_ptr<grpc::Channel>& channel, std::string name)
    : name_(std::move(name)),
      encoder_(name_, {.run_id = "run-of-" + name_}, series_),
      stub_(telemetry::TelemetryService::NewStub(channel)) {
  sample_.position = {std::random_device{}() + 1ULL, 0};
  sample_.memory_used_mib = 100;
  sample_.readings.push_back({series_.Intern({kMetric, {}}).value(), 0});
  context_.AddMetadata(std::string(kFeaturesKey), ToString(Features{.batches = true}));
  context_.set_wait_for_ready(true);
  stream_ = stub_->LiveFeed(&context_);
  reader_ = std::thread([this] { ReadReplies(); });
}

HonestDevice::~HonestDevice() {
  context_.TryCancel();
  if (reader_.joinable()) reader_.join();
}

bool HonestDevice::Take() {
  telemetry::MetricsPayload payload;
  if (taken() == 0) {
    encoder_.EncodeHello({}, std::chrono::milliseconds(0), payload);
    if (!stream_->Write(payload)) return false;
  }
  const std::uint64_t number = ++sample_.position.sequence;
  sample_.time = FromUnixMillis(NowMillis());
  sample_.cpu_usage_percent = number % 2 == 0 ? Alarming(number) : kCalm;
  sample_.readings.front().value = static_cast<double>(number);
  if (number % 2 == 0) expected_.insert(sample_.cpu_usage_percent);
  encoder_.EncodeBatch({&sample_, 1}, false, payload);
  return stream_->Write(payload);
}

bool HonestDevice::AwaitAll(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  const auto all = [this] { return stored_ >= taken() && alerts_ == expected_; };
  changed_.wait_for(lock, within, [&] { return ended_ || all(); });
  return all() && !ended_;
}

grpc::Status HonestDevice::Finish() {
  stream_->WritesDone();
  reader_.join();
  return stream_->Finish();
}

std::size_t HonestDevice::alerts() const {
  const std::lock_guard lock(mutex_);
  return alerts_.size();
}

void HonestDevice::ReadReplies() {
  telemetry::AlertResponse reply;
  while (stream_->Read(&reply)) {
    const std::lock_guard lock(mutex_);
    for (const auto& stored : reply.stored()) stored_ = std::max(stored_, stored.sequence());
    if (!reply.alert_type().empty()) alerts_.insert(reply.value());
    changed_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace edgefeed::e2e
