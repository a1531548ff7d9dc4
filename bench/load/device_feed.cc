#include "bench/load/device_feed.h"

#include <algorithm>
#include <utility>

#include "bench/support/status_name.h"
#include "common/model/features.h"

namespace edgefeed::bench {
namespace {

// Batches of a backlog, which are stored once a second; the collector holds 32 MiB of all devices.
constexpr std::uint64_t kMostUnstored = 8;

}  // namespace

DeviceFeed::DeviceFeed(std::string name, std::size_t number, const FeedOptions& options,
                       PayloadSource& source, FeedTotals& totals, CompletionLoop& loop)
    : name_(std::move(name)),
      number_(number),
      options_(options),
      source_(source),
      totals_(totals),
      loop_(loop) {}

void DeviceFeed::Open(telemetry::TelemetryService::Stub& stub) {
  if (options_.readings > 0) {
    context_.AddMetadata(std::string(kFeaturesKey), ToString(Features{.batches = true}));
  }
  stream_ = stub.PrepareAsyncLiveFeed(&context_, &loop_.queue());
  stream_->StartCall(&opened_);
}

void DeviceFeed::Send() {
  if (!open_ || cancelled_) return;
  if (!writing_) return WritePayload();
  if (options_.pacing == Pacing::kOnSchedule) ++totals_.missed;
}

void DeviceFeed::Cancel() {
  cancelled_ = true;
  context_.TryCancel();
}

void DeviceFeed::OnOpened(bool ok) {
  if (!ok) {
    ++totals_.refused;
    return stream_->Finish(&status_, &finished_);
  }
  open_ = true;
  ++totals_.opened;
  stream_->Read(&alert_, &read_);
}

void DeviceFeed::OnWritten(bool ok) {
  writing_ = false;
  if (!ok) return;  // The read fails too, and ends the call.
  ++totals_.payloads;
  WriteNextInLoop();
}

void DeviceFeed::OnRead(bool ok) {
  if (!ok) {
    open_ = false;
    return stream_->Finish(&status_, &finished_);
  }
  TakeAlert();
  stream_->Read(&alert_, &read_);
  WriteNextInLoop();
}

void DeviceFeed::OnFinished() {
  ++totals_.ended;
  if (cancelled_) return;
  ++totals_.errors[StatusName(status_.error_code())];
  if (totals_.first_error.empty()) totals_.first_error = name_ + ": " + status_.error_message();
}

void DeviceFeed::TakeAlert() {
  TakeStored();
  if (alert_.alert_type().empty()) return;
  const auto sent = std::ranges::find(unanswered_, alert_.value(), &Unanswered::cpu_usage);
  if (sent == unanswered_.end()) return;
  ++totals_.alerts;
  totals_.round_trips.Add(SystemClock().Steady() - sent->sent);
  unanswered_.erase(unanswered_.begin(), sent + 1);
}

void DeviceFeed::TakeStored() {
  if (alert_.stored_size() == 0) return;
  ++totals_.acks;
  const std::uint64_t stored = std::max(stored_, alert_.stored(0).sequence());
  totals_.stored += stored - std::exchange(stored_, stored);
}

bool DeviceFeed::TooManyUnstored() const {
  return sequence_ * options_.backlog > stored_ + kMostUnstored * options_.backlog;
}

void DeviceFeed::WriteNextInLoop() {
  if (options_.pacing == Pacing::kClosedLoop && open_ && !cancelled_ && !writing_ &&
      unanswered_.empty() && !TooManyUnstored()) {
    WritePayload();
  }
}

void DeviceFeed::WritePayload() {
  ++sequence_;
  const PayloadRequest request{.device = name_,
                               .sequence = sequence_,
                               .backlog = options_.backlog,
                               .cpu_usage = NextCpuUsage()};
  if (request.cpu_usage >= kLowestAlertingCpu) {
    unanswered_.push_back({.cpu_usage = request.cpu_usage, .sent = SystemClock().Steady()});
  }
  writing_ = true;
  stream_->Write(source_.Make(request), &written_);
}

// 4096 different values over the threshold, each exact in binary, so that an alert finds its
// payload.
double DeviceFeed::NextCpuUsage() const {
  const auto every = options_.alerts_every;
  if (every == 0 || (sequence_ + number_) % every != 0) return 12.5;
  return kLowestAlertingCpu + static_cast<double>(sequence_ / every % 4096) / 512;
}

}  // namespace edgefeed::bench
