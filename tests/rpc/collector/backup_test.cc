#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "collector/history/verify.h"
#include "common/base/crc32c.h"
#include "tests/rpc/collector/history_server.h"

namespace edgefeed {
namespace {

using grpc::StatusCode;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

// More than one chunk of them.
std::vector<Sample> ManySamples(HistoryServer& server) {
  std::vector<SeriesId> series;
  series.reserve(500);
  for (int i = 0; i < 500; ++i) series.push_back(server.Intern({"m" + std::to_string(i), {}}));
  std::vector<Sample> samples;
  for (int i = 0; i < 300; ++i) {
    Sample& sample = samples.emplace_back();
    sample.time = FromUnixMillis(1'700'000'000'000 + 1000 * static_cast<std::uint64_t>(i));
    // No pattern that could be compressed.
    for (const SeriesId id : series) sample.readings.push_back({id, std::sin(i * 500. + id)});
  }
  return samples;
}

struct ReceivedBackup {
  std::map<std::string, std::string> files;
  BackupPlan plan;
  BackupEnd end;
  std::size_t longest_chunk = 0;
  grpc::Status status;
};

// Checks what each message promises.
void Receive(const BackupChunk& chunk, ReceivedBackup& received) {
  std::string& file = received.files[chunk.path()];
  CHECK(chunk.offset() == file.size());
  CHECK(chunk.crc32c() == Crc32c(chunk.data()));
  file += chunk.data();
  CHECK(chunk.file_bytes() >= file.size());
  received.longest_chunk = std::max(received.longest_chunk, chunk.data().size());
}

ReceivedBackup ReceiveBackup(HistoryServer& server) {
  grpc::ClientContext context;
  const auto reader = server.stub().Backup(&context, {});
  ReceivedBackup received;
  BackupResponse response;
  for (int i = 0; reader->Read(&response); ++i) {
    CHECK(response.has_plan() == (i == 0));
    CHECK_FALSE(received.end.files() > 0);
    if (response.has_plan()) received.plan = response.plan();
    if (response.has_chunk()) Receive(response.chunk(), received);
    if (response.has_end()) received.end = response.end();
  }
  received.status = reader->Finish();
  return received;
}

TEST_CASE("a backup is the files of a history, in bounded chunks, with a plan and an end") {
  HistoryServer server;
  server.Store(ManySamples(server));

  const ReceivedBackup backup = ReceiveBackup(server);

  CHECK(backup.status.ok());
  CHECK(backup.longest_chunk == 256 * 1024);
  CHECK(backup.plan.files() == backup.files.size());
  CHECK(backup.end.files() == backup.files.size());
  std::uint64_t bytes = 0;
  const TempDir target;
  for (const auto& [path, content] : backup.files) {
    bytes += content.size();
    fs::create_directories((target.path() / path).parent_path());
    std::ofstream(target.path() / path, std::ios::binary) << content;
  }
  CHECK(backup.end.bytes() == bytes);
  const VerifyReport report = VerifyHistory(target.path());
  CHECK(report.damage == std::vector<std::string>{});
  CHECK(report.log_entries > 300);
  CHECK(server.stats().backups_completed == 1);
  server.AwaitNoBackup();
}

TEST_CASE("a client that goes away leaves nothing, and its place to the next one") {
  HistoryServer server;
  server.Store(ManySamples(server));
  grpc::ClientContext context;
  const auto reader = server.stub().Backup(&context, {});
  BackupResponse response;
  REQUIRE(reader->Read(&response));
  CHECK(fs::exists(server.scratch()));
  const grpc::Status refused = ReceiveBackup(server).status;
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(refused.error_message().find(" has been running since 20") != std::string::npos);

  context.TryCancel();

  CHECK(reader->Finish().error_code() == StatusCode::CANCELLED);
  server.AwaitNoBackup();
  CHECK(server.stats().backups_failed == 2);
  CHECK(ReceiveBackup(server).status.ok());
}

TEST_CASE("a client that takes nothing of its backup is ended") {
  HistoryServer server({}, 200ms);
  server.Store(ManySamples(server));
  grpc::ClientContext context;
  const auto reader = server.stub().Backup(&context, {});

  reader->WaitForInitialMetadata();
  server.AwaitNoBackup();
  CHECK(server.stats().backups_failed == 1);
}

}  // namespace
}  // namespace edgefeed
