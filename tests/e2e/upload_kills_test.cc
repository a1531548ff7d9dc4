// Begun uploads to a collector that is killed while they run.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dumps.grpc.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/soak.h"
#include "tests/support/some_bytes.h"
#include "tests/support/upload_client.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;
using fileupload::UploadResponse;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostSentAgain = 8 * kMiB;
const std::string kConfig =
    "uploads: {min_free: 0%, device_quota: 10GiB}\ndumps: {per_group: 1000}";

std::vector<fs::path> FilesBelow(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

std::string DigestOf(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return ToString(Sha256Of(bytes));
}

// One dump that is uploaded, whatever happens to the collector.
class Trial {
 public:
  Trial(RunningCollector& collector, std::uint64_t seed)
      : collector_(collector),
        random_(seed),
        client_(Connect(collector.address()), "cam-7", "trial-" + std::to_string(seed),
                SomeBytes(Between(1, 12 * kMiB), seed)) {
    client_.dump.emplace().set_executable("/usr/bin/sensord");
    client_.dump->set_signal(11);
  }

  // Returns how often the collector was killed.
  std::uint64_t Run() {
    const std::uint64_t kills = Between(1, 3);
    for (std::uint64_t i = 0; i < kills; ++i) {
      KillAfter(Between(0, client_.bytes().size()));
      UploadResponse response;
      static_cast<void>(client_.Run(Between(1, 6 * kMiB), response));
      killer_ = {};
      collector_.program().Kill();  // It may have been complete before.
      CHECK(collector_.VisibleUploads().empty());
      collector_.Start();
      client_.Connect(Connect(collector_.address()));
    }
    client_.go_on = [] { return true; };
    UploadResponse response;
    REQUIRE(client_.Run(6 * kMiB, response).ok());
    CHECK(response.state() == fileupload::UPLOAD_STATE_COMPLETE);
    CHECK(response.sha256() == BytesOf(Sha256Of(client_.bytes())));
    return kills;
  }

  [[nodiscard]] const UploadClient& client() const { return client_; }

 private:
  std::uint64_t Between(std::uint64_t least, std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(least, most)(random_);
  }

  // Counted from now. At the last chunk the kill races with what the collector does at the end.
  void KillAfter(std::uint64_t bytes) {
    const std::uint64_t from = client_.sent_bytes();
    client_.go_on = [this, from, bytes] {
      const std::uint64_t sent = client_.sent_bytes() - from;
      if (sent + UploadClient::kChunkBytes >= bytes && !killer_.joinable()) {
        killer_ = std::jthread([this] { collector_.program().Kill(); });
      }
      return true;
    };
  }

  RunningCollector& collector_;
  std::mt19937_64 random_;
  UploadClient client_;
  std::jthread killer_;
};

std::vector<dumps::Dump> ListDumps(const RunningCollector& collector) {
  const auto stub = dumps::DumpService::NewStub(Connect(collector.address()));
  grpc::ClientContext context;
  const auto reader = stub->ListDumps(&context, {});
  std::vector<dumps::Dump> all;
  for (dumps::Dump dump; reader->Read(&dump);) all.push_back(dump);
  CHECK(reader->Finish().ok());
  return all;
}

TEST_CASE("dumps arrive whole and once, however often the collector is killed") {
  RunningCollector collector(kConfig);
  const std::uint64_t trials = LongOrShort(200, 50);
  std::uint64_t most_sent_again = 0;
  for (std::uint64_t i = 1; i <= trials; ++i) {
    const std::uint64_t seed = Seed(i);
    CAPTURE(seed);
    Trial trial(collector, seed);
    const std::uint64_t kills = trial.Run();
    const std::uint64_t again = trial.client().sent_bytes() - trial.client().bytes().size();
    CHECK(again <= kills * kMostSentAgain);
    most_sent_again = std::max(most_sent_again, again / kills);
  }
  MESSAGE("sent again, at most, for each kill: " << most_sent_again << " bytes");

  const auto dumps = ListDumps(collector);
  CHECK(dumps.size() == trials);
  const fs::path data = collector.directory() / "data";
  const auto files = FilesBelow(data / "dumps" / "store");
  CHECK(files.size() == trials);
  for (const fs::path& file : files) CHECK(DigestOf(file) == file.filename().string());
  CHECK(fs::is_empty(data / "uploads" / ".begun"));
  CHECK(collector.VisibleUploads().empty());
}

TEST_CASE("an upload goes on at once when its old connection is dead and nobody has noticed") {
  RunningCollector collector(kConfig);
  FaultyProxy proxy(collector.port());
  UploadClient client(Connect("127.0.0.1:" + std::to_string(proxy.port())), "cam-7", "a",
                      SomeBytes(8 * kMiB));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  grpc::ClientContext context;
  UploadResponse lost;
  const auto writer = client.stub().Upload(&context, &lost);
  for (std::uint64_t at = 0; at < 2 * kMiB; at += UploadClient::kChunkBytes) {
    fileupload::FileChunk chunk = client.ChunkAt(at, client.bytes().size());
    if (at == 0) client.SetTicket(begin.epoch(), chunk);
    REQUIRE(writer->Write(chunk));
  }
  REQUIRE(Await(
      [&] { return collector.Metric("edgefeed_collector_upload_bytes_total") == 2.0 * kMiB; }));
  proxy.Freeze();

  client.Connect(Connect(collector.address()));
  REQUIRE(client.Begin(begin).ok());
  CHECK(begin.committed_bytes() == 2 * kMiB);
  UploadResponse response;
  REQUIRE(client.Run(16 * kMiB, response).ok());
  CHECK(response.state() == fileupload::UPLOAD_STATE_COMPLETE);
  CHECK(collector.Metric("edgefeed_collector_upload_bytes_total") == 8.0 * kMiB);

  context.TryCancel();
  proxy.Thaw();
  CHECK_FALSE(writer->Finish().ok());
}

TEST_CASE("a damaged database of dumps is set aside, and the collector goes on") {
  RunningCollector collector(kConfig);
  // Not killed: SQLite's log would mend the file.
  collector.program().Signal(SIGTERM);
  REQUIRE(collector.program().Wait(kPatience) == 0);
  const fs::path dumps = collector.directory() / "data" / "dumps";
  std::ofstream(dumps / "dumps.db", std::ios::binary | std::ios::trunc) << std::string(9000, 'x');
  collector.Start();
  CHECK(collector.program().CountLines("set aside as") == 1);
  CHECK(fs::exists(dumps.string() + ".damaged-1"));
  UploadClient client(Connect(collector.address()), "cam-7", "a", SomeBytes(100'000));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  CHECK(begin.state() == fileupload::UPLOAD_STATE_INCOMPLETE);
}

}  // namespace
}  // namespace edgefeed::e2e
