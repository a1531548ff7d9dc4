#pragma once

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "collector/rpc/fleet_service.h"
#include "common/runtime/strand.h"
#include "tests/rpc/support/open_gate.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {

class NoFleet final : public FleetReader {
 public:
  void Get(const std::string& name, Detail /*detail*/,
           std::function<void(Result<DeviceSnapshot>)> answer) override {
    answer(Error{Code::kNotFound, name});
  }
  void List(Detail /*detail*/, std::function<void(std::vector<DeviceSnapshot>)> answer) override {
    answer({});
  }
};

// What a stream brought.
template <typename Response>
struct Streamed {
  std::vector<Response> messages;
  grpc::Status status;
};

// A history behind its service, in this process, and one device "cam" with samples in it.
class HistoryServer {
 public:
  explicit HistoryServer(const HistoryLimits& limits = {},
                         std::chrono::milliseconds longest_write = std::chrono::minutes(1))
      : limits_(limits) {
    auto opened = History::Open(
        {.directory = home_.path() / "history", .sync_every = std::chrono::milliseconds(1)}, store_,
        stats_);
    REQUIRE(opened);
    history_ = std::move(*opened);
    service_ = std::make_unique<FleetServiceImpl>(
        fleet_,
        HistoryAccess{.store = store_, .history = *history_, .stats = stats_, .limits = limits_},
        BackupAccess{.worker = worker_,
                     .history = *history_,
                     .stats = stats_,
                     .scratch = scratch(),
                     .longest_write = longest_write},
        gate_.gate());
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = FleetService::NewStub(server_->InProcessChannel({}));
  }
  ~HistoryServer() {
    server_->Shutdown();
    server_->Wait();
    worker_.Drain();
    store_.Drain();
    RunOn(store_, [&] { history_.reset(); });
    engine_.Drain();
  }
  HistoryServer(const HistoryServer&) = delete;
  HistoryServer& operator=(const HistoryServer&) = delete;

  SeriesId Intern(const Series& series) { return *series_.Intern(series); }

  // Returns when the samples are stored. Once for each server.
  void Store(std::vector<Sample> samples) {
    std::promise<void> stored;
    std::unique_ptr<SampleStore> writer;
    RunOn(engine_, [&] {
      writer = history_->NewWriter(engine_, series_, [&](const auto&, const auto& positions) {
        if (positions.back().sequence == samples.size()) stored.set_value();
      });
      Append(*writer, samples);
    });
    stored.get_future().wait();
    RunOn(engine_, [&] { writer.reset(); });
  }

  Streamed<HistoryResponse> Get(const HistoryRequest& request) {
    grpc::ClientContext context;
    const auto reader = stub_->GetHistory(&context, request);
    return ReadAll<HistoryResponse>(*reader);
  }
  Streamed<ListSeriesResponse> List(const ListSeriesRequest& request) {
    grpc::ClientContext context;
    const auto reader = stub_->ListSeries(&context, request);
    return ReadAll<ListSeriesResponse>(*reader);
  }

  // Returns when no call is open any more.
  void AwaitNoCalls() {
    while (stats_.history_calls_open > 0) store_.Drain();
  }

  // Where a backup makes its copies.
  [[nodiscard]] std::filesystem::path scratch() const { return home_.path() / "scratch"; }
  // Returns when that is gone.
  void AwaitNoBackup() {
    while (std::filesystem::exists(scratch())) worker_.Drain();
  }

  [[nodiscard]] FleetService::Stub& stub() { return *stub_; }
  [[nodiscard]] CollectorStats& stats() { return stats_; }

 private:
  static void Append(SampleStore& writer, std::vector<Sample>& samples) {
    std::uint64_t sequence = 0;
    for (Sample& sample : samples) {
      sample.position = {.stream = 1, .sequence = ++sequence};
      CHECK(writer.Append("cam", sample, sample.time));
    }
  }

  template <typename Response>
  static Streamed<Response> ReadAll(grpc::ClientReader<Response>& reader) {
    Streamed<Response> all;
    for (Response message; reader.Read(&message);) all.messages.push_back(message);
    all.status = reader.Finish();
    return all;
  }

  TempDir home_;
  OpenGate gate_;
  SystemClock clock_;
  CollectorStats stats_;
  SeriesTable series_{1000};
  HistoryLimits limits_;
  Strand engine_{"engine", clock_};
  Strand store_{"store", clock_};
  Strand worker_{"worker", clock_};
  NoFleet fleet_;
  std::unique_ptr<History> history_;
  std::unique_ptr<FleetServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<FleetService::Stub> stub_;
};

}  // namespace edgefeed
