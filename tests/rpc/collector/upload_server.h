#pragma once

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector/dumps/dump_store.h"
#include "collector/rpc/dump_service.h"
#include "collector/rpc/upload_service.h"
#include "collector/sqlite/sqlite.h"
#include "collector/uploads/begun_uploads.h"
#include "common/runtime/strand.h"
#include "tests/rpc/support/open_gate.h"
#include "tests/support/temp_dir.h"
#include "tests/support/upload_client.h"

namespace edgefeed {

struct UploadServerSpec {
  UploadLimits limits{.min_free = {}};
  std::chrono::milliseconds longest_silence = std::chrono::minutes(2);
  std::chrono::milliseconds longest_write = std::chrono::minutes(2);
  std::uint64_t dump_calls = 16;
};

// Uploads and dumps behind their services, in this process.
class UploadServer {
 public:
  explicit UploadServer(const UploadServerSpec& spec = {}) {
    RunOn(store_, [&] { OpenStores(spec); });
    uploads_ =
        std::make_unique<UploadServiceImpl>(UploadAccess{.calls = calls_,
                                                         .store = store_,
                                                         .plain = *plain_,
                                                         .begun = *begun_,
                                                         .stats = stats_,
                                                         .rates = rates_,
                                                         .longest_silence = spec.longest_silence},
                                            gate_.gate());
    service_ = std::make_unique<DumpServiceImpl>(DumpAccess{.store = store_,
                                                            .reader = reader_,
                                                            .dumps = *dumps_,
                                                            .stats = stats_,
                                                            .calls = spec.dump_calls,
                                                            .longest_write = spec.longest_write},
                                                 gate_.gate());
    grpc::ServerBuilder builder;
    // Not gRPC's channel within the process: that one loses the response of a call that the server
    // ends first.
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(uploads_.get());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
    dump_stub_ = dumps::DumpService::NewStub(channel());
  }
  ~UploadServer() {
    server_->Shutdown();
    server_->Wait();
    for (int round = 0; round < 2; ++round) {
      for (Strand* strand : {&calls_, &store_, &sync_, &hash_, &reader_, &store_}) strand->Drain();
    }
    RunOn(store_, [&] {
      begun_.reset();
      dumps_.reset();
    });
  }
  UploadServer(const UploadServer&) = delete;
  UploadServer& operator=(const UploadServer&) = delete;

  // A connection of its own.
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
  }
  [[nodiscard]] UploadClient Client(const std::string& id, std::string bytes) const {
    return {channel(), "cam-7", id, std::move(bytes)};
  }
  // Uploads a dump, of a program that died from SIGSEGV.
  void UploadDump(const std::string& id, const std::string& bytes,
                  const std::string& executable) const {
    UploadClient client = Client(id, bytes);
    client.dump.emplace().set_executable(executable);
    client.dump->set_signal(11);
    fileupload::UploadResponse response;
    REQUIRE(client.Run(bytes.size() + 1, response).ok());
    REQUIRE(response.success());
  }

  [[nodiscard]] dumps::DumpService::Stub& dumps() { return *dump_stub_; }
  [[nodiscard]] CollectorStats& stats() { return stats_; }
  [[nodiscard]] Strand& hash() { return hash_; }
  [[nodiscard]] std::filesystem::path files() const { return home_.path() / "uploads"; }
  // In files of uploads and dumps, visible or not, at one moment: nothing is written meanwhile.
  std::uint64_t BytesOnDisk() {
    std::uint64_t bytes = 0;
    RunOn(store_, [&] { bytes = BytesIn(files()) + BytesIn(home_.path() / "dumps"); });
    return bytes;
  }
  // Returns when everything that calls have left behind is done.
  void Settle() {
    for (Strand* strand : {&calls_, &store_, &reader_, &calls_, &store_}) strand->Drain();
  }

 private:
  static std::uint64_t BytesIn(const std::filesystem::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }
  void OpenStores(const UploadServerSpec& spec) {
    auto database = Database::Open(home_.path() / "dumps.db", Database::Mode::kReadWrite);
    REQUIRE(database);
    database_ = std::move(*database);
    auto plain = UploadStore::Open(files(), spec.limits);
    REQUIRE(plain);
    plain_ = std::move(*plain);
    auto dumps = DumpStore::Open(
        home_.path() / "dumps",
        {.strand = store_, .database = *database_, .reader = nullptr, .stats = stats_}, {});
    REQUIRE(dumps);
    dumps_ = std::move(*dumps);
    auto begun = BegunUploads::Open(files() / ".begun", {.strand = store_,
                                                         .sync = sync_,
                                                         .hash = hash_,
                                                         .database = *database_,
                                                         .plain = *plain_,
                                                         .dumps = *dumps_,
                                                         .stats = stats_});
    REQUIRE(begun);
    begun_ = std::move(*begun);
  }

  TempDir home_;
  OpenGate gate_;
  SystemClock clock_;
  CollectorStats stats_;
  Allowances rates_;
  Strand calls_{"calls", clock_};
  Strand sync_{"sync", clock_};
  Strand hash_{"hash", clock_};
  Strand store_{"uploads", clock_};
  Strand reader_{"reader", clock_};
  std::optional<Database> database_;
  std::unique_ptr<UploadStore> plain_;
  std::unique_ptr<DumpStore> dumps_;
  std::unique_ptr<BegunUploads> begun_;
  std::unique_ptr<UploadServiceImpl> uploads_;
  std::unique_ptr<DumpServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::unique_ptr<dumps::DumpService::Stub> dump_stub_;
};

}  // namespace edgefeed
