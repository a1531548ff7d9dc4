#include "collector/rpc/upload_call.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "collector/rpc/chunk_taker.h"
#include "collector/rpc/peer.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

using fileupload::FileChunk;
using fileupload::UploadResponse;

// So much of one call may wait for the disk. With what is written and not committed (6 MiB) and
// what is on its way (a quarter of a MiB), a crash costs a client less than 8 MiB.
constexpr std::size_t kQueueBytes = std::size_t{512} << 10;

constexpr double kUploadBurstSeconds = 8;

// What the call does on the store strand.
class Intake {
 public:
  Intake(const UploadAccess& access, WhoUploads client, ChunkTaker::Done done)
      : access_(access), client_(std::move(client)), done_(std::move(done)) {}

  void Take(const FileChunk& chunk) {
    if (taker_ == nullptr) taker_ = NewChunkTaker(access_, chunk, client_, done_);
    taker_->Take(chunk);
  }
  void End(StreamEnd how) {
    if (taker_ == nullptr) return done_(EmptyUpload(access_, how));
    taker_->End(how);
  }

 private:
  const UploadAccess& access_;
  const WhoUploads client_;
  const ChunkTaker::Done done_;
  std::unique_ptr<ChunkTaker> taker_;  // Null before the first chunk.
};

// Reads chunks, and goes on reading while the store strand writes. Its own state is on the calls
// strand, which never waits for a disk.
class UploadCall final : public grpc::ServerReadReactor<FileChunk> {
 public:
  UploadCall(grpc::CallbackServerContext& context, const UploadAccess& access,
             UploadResponse& response, Admitted admitted)
      : context_(context),
        access_(access),
        response_(response),
        admitted_(std::move(admitted)),
        client_(PeerAddress(context.peer())),
        device_(DeviceKey(admitted_->caller())) {
    const auto done = [this, alive = std::weak_ptr(alive_),
                       &calls = access.calls](const UploadOutcome& outcome) {
      calls.Dispatch([this, alive, outcome] {
        if (!alive.expired()) FinishWith(outcome);
      });
    };
    const std::string owner = device_.empty() ? "" : admitted_->caller().names.front();
    intake_ =
        std::make_shared<Intake>(access, WhoUploads{.address = client_, .device = owner}, done);
    access_.calls.Dispatch([this] { Read(); });
  }

  void OnReadDone(bool ok) override {
    access_.calls.Dispatch([this, ok] { HandleRead(ok); });
  }
  // It may be waiting for its upload to be checked, and read nothing.
  void OnCancel() override {
    access_.calls.Dispatch([this] {
      access_.store.Post([intake = intake_] { intake->End(StreamEnd::kDisconnected); });
    });
  }
  void OnDone() override {
    access_.calls.Dispatch([this] {
      // Where the intake's files are: on the store strand.
      access_.store.Post([intake = std::move(intake_)] {});
      delete this;
    });
  }

 private:
  void Read() {
    reading_ = true;
    read_since_ = access_.calls.Now();
    if (is_segment_) WatchSilence();
    StartRead(&chunk_);
  }

  // One timer for many reads: a timer for each would cost more than the read. A whole file is not
  // watched: nothing of it could be kept.
  void WatchSilence() {
    if (watching_) return;
    watching_ = true;
    silence_ = access_.calls.RunAt(read_since_ + access_.longest_silence, [this] {
      watching_ = false;
      if (!reading_ || finished_) return;
      if (access_.calls.Now() - read_since_ < access_.longest_silence) return WatchSilence();
      End(StreamEnd::kHalfClosed);
    });
  }

  void HandleRead(bool ok) {
    reading_ = false;
    if (finished_) return;
    if (!ok) {
      return End(context_.IsCancelled() ? StreamEnd::kDisconnected : StreamEnd::kHalfClosed);
    }
    if (chunk_.has_ticket()) {
      const Status may = admitted_->ActAs(chunk_.ticket().service_name());
      if (!may) return FinishWith(may.error());
    }
    // Not chunk_ itself: the next one is read into that while this one waits.
    auto chunk = std::make_shared<FileChunk>(std::move(chunk_));
    const std::size_t bytes = chunk->data().size();
    queued_bytes_ += bytes;
    is_segment_ = is_segment_ || chunk->has_ticket();
    access_.store.Post([this, alive = std::weak_ptr(alive_), &calls = access_.calls,
                        intake = intake_, chunk, bytes] {
      intake->Take(*chunk);
      calls.Dispatch([this, alive, bytes] {
        if (!alive.expired()) HandleTaken(bytes);
      });
    });
    Charge(bytes);
    ReadOn();
  }

  // A device over its rate is read no faster: what it has to send waits there.
  void Charge(std::size_t bytes) {
    if (device_.empty()) return;
    const auto rate = static_cast<double>(access_.device_rate.count);
    const SteadyTime now = access_.calls.Now();
    const auto pause = access_.rates.Of(device_).Owe(now, rate, kUploadBurstSeconds * rate,
                                                     static_cast<double>(bytes));
    if (pause.count() <= 0) return;
    ++access_.stats.uploads_held_back;
    held_back_ = true;
    pause_ = access_.calls.RunAt(now + pause, [this] {
      held_back_ = false;
      ReadOn();
    });
  }

  void ReadOn() {
    if (reading_ || held_back_ || ended_ || finished_ || queued_bytes_ >= kQueueBytes) return;
    Read();
  }

  void HandleTaken(std::size_t bytes) {
    queued_bytes_ -= bytes;
    ReadOn();
  }

  void End(StreamEnd how) {
    if (std::exchange(ended_, true)) return;
    access_.store.Post([intake = intake_, how] { intake->End(how); });
  }

  void FinishWith(const UploadOutcome& outcome) {
    if (std::exchange(finished_, true)) return;
    silence_.Cancel();
    pause_.Cancel();
    admitted_.reset();  // Before the client can know: its next call must find a place.
    if (!outcome) {
      spdlog::warn("{} ({})", outcome.error().message, client_);
      return Finish(ToGrpc(outcome.error(), context_));
    }
    response_ = *outcome;
    Finish(grpc::Status::OK);
  }

  grpc::CallbackServerContext& context_;
  const UploadAccess& access_;
  UploadResponse& response_;
  Admitted admitted_;  // Null once it is finished.
  const std::string client_;
  const std::string device_;  // See DeviceKey().
  bool held_back_ = false;    // For its rate.
  Timer pause_;
  std::shared_ptr<Intake> intake_;
  FileChunk chunk_;  // gRPC writes it until OnReadDone.
  bool reading_ = false;
  std::size_t queued_bytes_ = 0;
  bool is_segment_ = false;
  bool ended_ = false;     // No more chunks come.
  bool finished_ = false;  // Finish() has been called.
  SteadyTime read_since_;
  bool watching_ = false;
  Timer silence_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace

grpc::ServerReadReactor<FileChunk>* NewUpload(grpc::CallbackServerContext& context,
                                              const UploadAccess& access, UploadResponse& response,
                                              Admitted admitted) {
  return new UploadCall(context, access, response, std::move(admitted));
}

}  // namespace edgefeed
