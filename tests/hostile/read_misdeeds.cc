#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "fileupload.grpc.pb.h"
#include "fleet.grpc.pb.h"
#include "tests/hostile/hostile_feed.h"
#include "tests/hostile/misdeeds.h"

namespace edgefeed {
namespace {

using std::chrono::seconds;

// An answer of many messages of which none is read. Broken off when it goes.
template <typename Response>
class UnreadAnswer {
 public:
  template <typename Start>
  UnreadAnswer(HostileDevice& device, Start start)
      : call_(device, seconds(10)), reader_(start(call_.context())) {}
  ~UnreadAnswer() {
    call_.context()->TryCancel();
    static_cast<void>(reader_->Finish());
  }
  UnreadAnswer(const UnreadAnswer&) = delete;
  UnreadAnswer& operator=(const UnreadAnswer&) = delete;

 private:
  HostileCall call_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
};

void FeedAs(HostileDevice& device, const std::string& name) {
  HostileFeed feed(device, device.channel(), seconds(2));
  telemetry::MetricsPayload payload;
  payload.set_service_name(name);
  payload.set_cpu_usage(99);
  payload.set_timestamp_ms(1);
  if (feed.Write(payload)) static_cast<void>(feed.End());
}

void AskAbout(HostileDevice& device, const std::string& name) {
  telemetry::MetricsRequest request;
  request.set_service_name(name);
  const auto stub = telemetry::TelemetryService::NewStub(device.channel());
  telemetry::MetricsResponse response;
  HostileCall snapshot(device, seconds(2));
  static_cast<void>(stub->GetSnapshot(snapshot.context(), request, &response));
  const UnreadAnswer<telemetry::MetricsResponse> subscription(
      device, [&](auto* context) { return stub->Subscribe(context, request); });
  HistoryRequest history;
  history.set_service_name(name);
  history.set_metric("cpu_usage");
  history.set_to_ms(UINT64_MAX);
  const auto fleet = FleetService::NewStub(device.channel());
  const UnreadAnswer<HistoryResponse> values(
      device, [&](auto* context) { return fleet->GetHistory(context, history); });
}

// Of the upload that the victim has begun.
void MeddleWithUpload(HostileDevice& device) {
  const auto stub = fileupload::FileUploadService::NewStub(device.channel());
  fileupload::UploadResponse response;
  fileupload::AbortUploadRequest abort;
  abort.set_service_name(device.spec().victim);
  abort.set_upload_id("begun");
  HostileCall aborting(device, seconds(2));
  static_cast<void>(stub->AbortUpload(aborting.context(), abort, &response));

  HostileCall sending(device, seconds(2));
  const auto writer = stub->Upload(sending.context(), &response);
  fileupload::FileChunk chunk;
  chunk.mutable_ticket()->set_service_name(device.spec().victim);
  chunk.mutable_ticket()->set_upload_id("begun");
  chunk.mutable_ticket()->set_epoch(1 + device.Random(10));
  chunk.set_data("overwritten");
  writer->Write(chunk);
  writer->WritesDone();
  static_cast<void>(writer->Finish());
}

// A list of series that no window of HTTP/2 takes.
void HaveMuchToAskAbout(HostileDevice& device) {
  constexpr std::uint32_t kAskedSeries = 250;
  HostileFeed feed(device, device.channel(), seconds(10));
  bool goes_on = feed.Hello(device.spec().name);
  for (std::uint32_t first = 0; goes_on && first < 4 * kAskedSeries; first += kAskedSeries) {
    goes_on = feed.Write(HostileSeries(feed, first, kAskedSeries, [&](std::uint32_t i) {
      return "asked_" + std::to_string(first + i);
    }));
  }
  static_cast<void>(feed.End());
}

}  // namespace

void PlayAnother(HostileDevice& device) {
  for (const std::string& name : {device.spec().victim, std::string("nobody"), std::string()}) {
    FeedAs(device, name);
    AskAbout(device, name);
  }
  MeddleWithUpload(device);
}

void AskWithoutReading(HostileDevice& device) {
  constexpr int kCalls = 20;
  HaveMuchToAskAbout(device);
  const std::string& name = device.spec().name;
  const std::uint64_t now_ms = UnixMillis(SystemClock().Wall());
  telemetry::MetricsRequest newest;
  newest.set_service_name(name);
  newest.set_detail(telemetry::MetricsRequest::READINGS);
  HistoryRequest history;
  history.set_service_name(name);
  history.set_metric("cpu_usage");
  history.set_to_ms(now_ms);
  ListSeriesRequest series;
  series.set_service_name(name);
  series.set_to_ms(now_ms);
  const auto telemetry = telemetry::TelemetryService::NewStub(device.channel());
  const auto fleet = FleetService::NewStub(device.channel());
  std::vector<std::unique_ptr<UnreadAnswer<telemetry::MetricsResponse>>> subscriptions;
  std::vector<std::unique_ptr<UnreadAnswer<HistoryResponse>>> histories;
  std::vector<std::unique_ptr<UnreadAnswer<ListSeriesResponse>>> lists;
  for (int i = 0; i < kCalls && !device.stopped(); ++i) {
    subscriptions.push_back(std::make_unique<UnreadAnswer<telemetry::MetricsResponse>>(
        device, [&](auto* context) { return telemetry->Subscribe(context, newest); }));
    histories.push_back(std::make_unique<UnreadAnswer<HistoryResponse>>(
        device, [&](auto* context) { return fleet->GetHistory(context, history); }));
    lists.push_back(std::make_unique<UnreadAnswer<ListSeriesResponse>>(
        device, [&](auto* context) { return fleet->ListSeries(context, series); }));
  }
  device.Wait(seconds(5));
}

}  // namespace edgefeed
