// Many uploads at once that fit a quota one by one, and not together.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/rpc/collector/upload_server.h"
#include "tests/support/some_bytes.h"

namespace edgefeed {
namespace {

using fileupload::UploadResponse;
using grpc::StatusCode;

constexpr std::size_t kUploads = 12;
constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kFile = 5 * kChunk;
constexpr std::uint64_t kQuota = 12 * kChunk;  // Two files and a part of a third.

// What became of uploads.
struct Outcomes {
  std::atomic<std::uint64_t> complete{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> broken_off{0};
};

// Runs `upload` for each number at once. While they run there are never more bytes than the quota.
template <typename Upload>
void RunAll(UploadServer& server, Upload upload) {
  std::atomic<std::size_t> running{kUploads};
  std::vector<std::thread> clients;
  clients.reserve(kUploads);
  for (std::size_t i = 0; i < kUploads; ++i) {
    clients.emplace_back([&, i] {
      upload(i);
      --running;
    });
  }
  std::uint64_t most_bytes = 0;
  while (running > 0) most_bytes = std::max(most_bytes, server.BytesOnDisk());
  for (std::thread& client : clients) client.join();
  CHECK(most_bytes <= kQuota);
  server.Settle();
  CHECK(server.BytesOnDisk() <= kQuota);
}

// A whole file in one call; every third breaks off after `chunks` of its chunks if told so.
void UploadWhole(UploadServer& server, const std::string& name, std::size_t chunks,
                 Outcomes& outcomes) {
  const auto stub = fileupload::FileUploadService::NewStub(server.channel());
  grpc::ClientContext context;
  UploadResponse response;
  const auto writer = stub->Upload(&context, &response);
  fileupload::FileChunk chunk;
  chunk.set_filename(name);
  chunk.set_data(std::string(kChunk, 'x'));
  for (std::size_t i = 0; i < chunks; ++i) {
    chunk.set_chunk_index(static_cast<std::uint32_t>(i));
    chunk.set_is_last((i + 1) * kChunk == kFile);
    if (!writer->Write(chunk)) break;
  }
  if (!chunk.is_last()) context.TryCancel();
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (status.ok()) ++outcomes.complete;
  if (status.error_code() == StatusCode::RESOURCE_EXHAUSTED) ++outcomes.refused;
  if (status.error_code() == StatusCode::CANCELLED) ++outcomes.broken_off;
}

// That what has ended counts no more: what is left of the quota can be used to the last byte.
void CheckRoomIs(UploadServer& server, std::uint64_t bytes) {
  const auto stub = fileupload::FileUploadService::NewStub(server.channel());
  const auto upload = [&](std::uint64_t size) {
    grpc::ClientContext context;
    UploadResponse response;
    const auto writer = stub->Upload(&context, &response);
    fileupload::FileChunk chunk;
    chunk.set_filename("rest");
    chunk.set_data(std::string(size, 'x'));
    chunk.set_is_last(true);
    writer->Write(chunk);
    writer->WritesDone();
    return writer->Finish().error_code();
  };
  CHECK(upload(bytes + 1) == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(upload(bytes) == StatusCode::OK);
  server.Settle();
  CHECK(server.BytesOnDisk() == kQuota);
}

UploadServerSpec QuotaOfAll() { return {.limits = {.quota = Bytes{kQuota}, .min_free = {}}}; }

TEST_CASE("whole files at once never take more than the quota, and leave what they did not use") {
  UploadServer server(QuotaOfAll());
  Outcomes outcomes;
  RunAll(server, [&](std::size_t i) {
    UploadWhole(server, "file-" + std::to_string(i), kFile / kChunk, outcomes);
  });
  CHECK(outcomes.complete <= 2);
  CHECK(outcomes.complete + outcomes.refused == kUploads);
  CHECK(server.BytesOnDisk() == outcomes.complete * kFile);
  CheckRoomIs(server, kQuota - outcomes.complete * kFile);
}

TEST_CASE("whole files that break off in the middle leave their room to others") {
  UploadServer server(QuotaOfAll());
  Outcomes outcomes;
  RunAll(server, [&](std::size_t i) {
    const std::size_t chunks = i % 2 == 0 ? kFile / kChunk : i % 5;
    UploadWhole(server, "file-" + std::to_string(i), chunks, outcomes);
  });
  CHECK(outcomes.broken_off > 0);
  CHECK(outcomes.complete + outcomes.refused + outcomes.broken_off == kUploads);
  while (server.BytesOnDisk() != outcomes.complete * kFile) server.Settle();
  CheckRoomIs(server, kQuota - outcomes.complete * kFile);
}

UploadServerSpec QuotaOfDevice() {
  return {.limits = {.device_quota = Bytes{kQuota}, .min_free = {}}};
}

TEST_CASE("of one device's uploads at once those are begun that fit together, and no others") {
  UploadServer server(QuotaOfDevice());
  Outcomes outcomes;
  RunAll(server, [&](std::size_t i) {
    UploadClient client = server.Client("id-" + std::to_string(i), SomeBytes(kFile));
    UploadResponse response;
    CHECK(client.Begin(response).ok());
    if (!response.success()) {
      CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_QUOTA);
      CHECK(client.sent_bytes() == 0);
      ++outcomes.refused;
      return;
    }
    // Left in the middle: its room stays its own, for it may go on.
    UploadResponse segment;
    CHECK(client.Segment(response.epoch(), 0, 3 * kChunk, segment).ok());
    ++outcomes.broken_off;
  });
  CHECK(outcomes.broken_off == 2);
  CHECK(outcomes.refused == kUploads - 2);
  CHECK(server.BytesOnDisk() == 2 * 3 * kChunk);
}

TEST_CASE("a device's dumps at once push each other out, and never take more than its quota") {
  UploadServer server(QuotaOfDevice());
  Outcomes outcomes;
  RunAll(server, [&](std::size_t i) {
    UploadClient client = server.Client("id-" + std::to_string(i), SomeBytes(kFile, i + 1));
    client.dump.emplace().set_executable("program-" + std::to_string(i));
    if (i % 3 == 2) {  // Breaks off, and is aborted.
      client.go_on = [chunks = 0]() mutable { return ++chunks <= 2; };
    }
    UploadResponse response;
    const grpc::Status status = client.Run(kFile, response);
    if (status.ok() && response.state() == fileupload::UPLOAD_STATE_COMPLETE) {
      ++outcomes.complete;
    } else if (status.ok()) {
      CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_QUOTA);
      ++outcomes.refused;
    } else {
      fileupload::AbortUploadRequest abort;
      abort.set_service_name("cam-7");
      abort.set_upload_id("id-" + std::to_string(i));
      grpc::ClientContext context;
      CHECK(client.stub().AbortUpload(&context, abort, &response).ok());
      ++outcomes.broken_off;
    }
  });
  CHECK(outcomes.complete + outcomes.refused + outcomes.broken_off == kUploads);
  // Nothing of those that were aborted is left to count.
  server.UploadDump("last", SomeBytes(kQuota), "program");
  CHECK(server.BytesOnDisk() == kQuota);
}

}  // namespace
}  // namespace edgefeed
