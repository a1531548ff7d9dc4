#include "bench/upload/agent_upload.h"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "agent/rpc/upload_transport.h"
#include "agent/upload/uploader.h"
#include "common/runtime/strand.h"

namespace edgefeed::bench {
namespace {

// The file as the one dump that there is.
class OneDump final : public DumpQueue {
 public:
  explicit OneDump(const TestFile& file) : file_(file) {
    dump_ = SealedDump{.id = "bench-" + std::to_string(std::random_device{}()),
                       .filename = "bench.core.zst",
                       .size_bytes = file.size().count,
                       .sha256 = file.sha256()};
    dump_->info.executable = "/usr/bin/bench";
    dump_->info.content = DumpContent::kFull;
  }

  // What became of it.
  std::future<Status> outcome() { return outcome_.get_future(); }

  std::optional<SealedDump> Next(DumpsAllowed /*allowed*/) override { return dump_; }
  Status BeginAttempt(const std::string& /*id*/) override { return {}; }
  Result<std::string> Read(const std::string& /*id*/, std::uint64_t offset,
                           std::size_t most) override {
    return file_.Read(offset, most);
  }
  void EndAttempt(const std::string& /*id*/, DumpOutcome outcome, const std::string& why) override {
    if (!std::exchange(dump_, std::nullopt)) return;
    const bool delivered = outcome == DumpOutcome::kDelivered;
    outcome_.set_value(delivered ? Status() : Status(Error{Code::kUnknown, why}));
  }
  void OnArrival(std::function<void()> /*on_arrival*/) override {}

 private:
  const TestFile& file_;
  std::optional<SealedDump> dump_;
  std::promise<Status> outcome_;
};

}  // namespace

Result<Seconds> UploadAsAgent(const Endpoint& collector, const TestFile& file) {
  const SystemClock clock;
  Strand strand("dumps", clock);
  OneDump queue(file);
  GrpcUploadTransport transport(strand, "bench", nullptr);
  Uploader uploader({.collectors = {collector}}, strand, transport, queue);
  auto outcome = queue.outcome();
  const SteadyTime begin = clock.Steady();
  strand.Post([&] { uploader.Start(); });
  const Status delivered = outcome.get();
  const Seconds took = clock.Steady() - begin;
  std::promise<void> idle;
  strand.Post([&] {
    uploader.Stop();
    transport.WhenIdle([&] { idle.set_value(); });
  });
  idle.get_future().wait();
  strand.Drain();
  if (!delivered) return delivered.error();
  return took;
}

}  // namespace edgefeed::bench
