#include <doctest/doctest.h>

#include <chrono>
#include <latch>
#include <string>
#include <thread>

#include "common/base/file.h"
#include "tests/rpc/collector/upload_server.h"
#include "tests/support/some_bytes.h"

namespace edgefeed {
namespace {

using fileupload::UploadResponse;
using grpc::StatusCode;
using namespace std::chrono_literals;

constexpr std::uint64_t kGrid = std::uint64_t{64} << 10;
constexpr std::size_t kSize = (std::size_t{3} << 20) + 4321;

TEST_CASE("an upload in segments: each response says what is stored") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse response;
  REQUIRE(client.Begin(response).ok());
  CHECK(response.success());
  CHECK(response.state() == fileupload::UPLOAD_STATE_INCOMPLETE);
  CHECK(response.segment_bytes() == 16 << 20);
  CHECK(response.chunk_bytes() == 1 << 20);
  CHECK(response.expires_ms() > 0);
  const std::uint64_t epoch = response.epoch();

  UploadResponse first;
  REQUIRE(client.Segment(epoch, 0, 20 * kGrid, first).ok());
  CHECK(first.success());
  CHECK(first.committed_bytes() == 20 * kGrid);
  CHECK(first.committed_crc32c() == Crc32c(client.bytes().substr(0, 20 * kGrid)));
  UploadResponse last;
  REQUIRE(client.Segment(epoch, 20 * kGrid, kSize, last).ok());
  CHECK(last.state() == fileupload::UPLOAD_STATE_COMPLETE);
  CHECK(last.filename() == "core.zst");
  CHECK(last.message() == "stored as core.zst");
  CHECK(last.total_bytes() == kSize);
  CHECK(last.total_chunks() == 49);
  CHECK(last.sha256() == BytesOf(Sha256Of(client.bytes())));
  CHECK(*ReadSmallFile(server.files() / "core.zst") == client.bytes());
}

TEST_CASE("a refusal is a response: where to go on, and never a status") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  UploadResponse response;
  const grpc::Status status = client.Segment(begin.epoch(), 3 * kGrid, kSize, response);
  CAPTURE(status.error_message());
  REQUIRE(status.ok());
  CHECK_FALSE(response.success());
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_OFFSET);
  CHECK(response.state() == fileupload::UPLOAD_STATE_REFUSED);
  CHECK(response.committed_bytes() == 0);

  response.Clear();
  REQUIRE(client.Segment(begin.epoch() + 1, 0, kGrid, response).ok());
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_SUPERSEDED);
  response.Clear();
  REQUIRE(server.Client("b", "x").Segment(1, 0, 1, response).ok());
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_UNKNOWN);

  response.Clear();
  grpc::ClientContext context;
  const auto writer = client.stub().Upload(&context, &response);
  fileupload::FileChunk damaged = client.ChunkAt(0, kSize);
  client.SetTicket(begin.epoch(), damaged);
  (*damaged.mutable_data())[77] ^= 1;
  writer->Write(damaged);
  REQUIRE(writer->Finish().ok());  // It need not be told that the client's side has ended.
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_CRC);
  CHECK(server.stats().uploads_refused[2] == 1);
  CHECK(server.stats().uploads_refused[7] == 1);
}

TEST_CASE("a refusal reaches a client that is still sending") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  for (int i = 0; i < 50; ++i) {
    CAPTURE(i);
    UploadResponse response;
    const grpc::Status status = client.Segment(begin.epoch(), 2 * kGrid, kSize, response);
    CHECK_MESSAGE(status.ok(), status.error_message());
    CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_OFFSET);
  }
}

TEST_CASE("over a quota a dump is refused before any of its bytes flow") {
  UploadServer server({.limits = {.quota = KiB(512), .device_quota = KiB(300), .min_free = {}}});
  UploadResponse response;
  UploadClient first = server.Client("a", SomeBytes(200 << 10));
  REQUIRE(first.Begin(response).ok());
  CHECK(response.success());

  UploadClient second = server.Client("b", SomeBytes(200 << 10, 2));
  second.dump.emplace();
  response.Clear();
  REQUIRE(second.Run(kSize, response).ok());
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_QUOTA);
  CHECK(response.retry_after_ms() > 0);
  CHECK(response.message() ==
        "upload 'core.zst' (id b) of device cam-7: the device's 300.0 KiB are used up "
        "(uploads.device_quota)");
  CHECK(second.sent_bytes() == 0);
  CHECK(server.stats().upload_bytes == 0);

  response.Clear();
  REQUIRE(server.Client("c", SomeBytes(301 << 10)).Begin(response).ok());
  CHECK(response.refusal() == fileupload::UPLOAD_REFUSAL_TOO_LARGE);
}

TEST_CASE("a new BeginUpload ends the call that nobody has ended, and goes on behind it") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  grpc::ClientContext context;
  UploadResponse old;
  const auto writer = client.stub().Upload(&context, &old);
  for (std::uint64_t at = 0; at < 5 * kGrid; at += kGrid) {
    fileupload::FileChunk chunk = client.ChunkAt(at, kSize);
    if (at == 0) client.SetTicket(begin.epoch(), chunk);
    REQUIRE(writer->Write(chunk));
  }
  while (server.stats().upload_bytes < 5 * kGrid) server.Settle();

  UploadResponse again;
  REQUIRE(client.Begin(again).ok());

  CHECK(again.committed_bytes() == 5 * kGrid);
  REQUIRE(writer->Finish().ok());
  CHECK(old.refusal() == fileupload::UPLOAD_REFUSAL_SUPERSEDED);
  CHECK(old.committed_bytes() == 5 * kGrid);
  UploadResponse last;
  REQUIRE(client.Segment(again.epoch(), 5 * kGrid, kSize, last).ok());
  CHECK(last.state() == fileupload::UPLOAD_STATE_COMPLETE);
}

TEST_CASE("a client that goes away leaves what it has brought") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  int chunks = 0;
  client.go_on = [&] {
    if (++chunks <= 7) return true;
    while (server.stats().upload_bytes < 7 * kGrid) server.Settle();
    return false;
  };
  UploadResponse response;
  CHECK(client.Segment(begin.epoch(), 0, kSize, response).error_code() == StatusCode::CANCELLED);
  while (server.stats().upload_segments_open > 0) server.Settle();

  client.go_on = [] { return true; };
  REQUIRE(client.Begin(begin).ok());
  CHECK(begin.committed_bytes() == 7 * kGrid);
  REQUIRE(client.Run(kSize, response).ok());
  CHECK(response.state() == fileupload::UPLOAD_STATE_COMPLETE);
  CHECK(client.sent_bytes() == kSize);
}

TEST_CASE("a call that brings nothing is ended, and what it had brought is kept") {
  UploadServer server({.longest_silence = 100ms});
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  grpc::ClientContext context;
  UploadResponse response;
  const auto writer = client.stub().Upload(&context, &response);
  fileupload::FileChunk chunk = client.ChunkAt(0, kSize);
  client.SetTicket(begin.epoch(), chunk);
  REQUIRE(writer->Write(chunk));

  REQUIRE(writer->Finish().ok());

  CHECK(response.success());
  CHECK(response.state() == fileupload::UPLOAD_STATE_INCOMPLETE);
  CHECK(response.committed_bytes() == kGrid);
}

TEST_CASE("a client need not wait for the digest: the upload is complete without it") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  std::latch hash_may_go_on(1);
  server.hash().Post([&] { hash_may_go_on.wait(); });
  grpc::ClientContext context;
  UploadResponse response;
  const auto writer = client.stub().Upload(&context, &response);
  for (std::uint64_t at = 0; at < kSize; at += kGrid) {
    fileupload::FileChunk chunk = client.ChunkAt(at, kSize);
    if (at == 0) client.SetTicket(begin.epoch(), chunk);
    REQUIRE(writer->Write(chunk));
  }
  writer->WritesDone();
  while (server.stats().upload_bytes < kSize) server.Settle();
  CHECK(server.stats().upload_segments_open == 1);

  context.TryCancel();
  CHECK(writer->Finish().error_code() == StatusCode::CANCELLED);
  while (server.stats().upload_segments_open > 0) server.Settle();
  hash_may_go_on.count_down();

  REQUIRE(client.Begin(begin).ok());
  CHECK(begin.state() == fileupload::UPLOAD_STATE_COMPLETE);
  CHECK(begin.sha256() == BytesOf(Sha256Of(client.bytes())));
}

TEST_CASE("query and abort") {
  UploadServer server;
  UploadClient client = server.Client("a", SomeBytes(kSize));
  fileupload::QueryUploadRequest query;
  query.set_service_name("cam-7");
  query.set_upload_id("a");
  fileupload::AbortUploadRequest abort;
  abort.set_service_name("cam-7");
  abort.set_upload_id("a");
  UploadResponse response;
  const auto ask = [&](auto method, const auto& request) {
    grpc::ClientContext context;
    response.Clear();
    return (client.stub().*method)(&context, request, &response);
  };
  using Stub = fileupload::FileUploadService::Stub;
  CHECK(ask(&Stub::QueryUpload, query).error_code() == StatusCode::NOT_FOUND);
  UploadResponse begin;
  REQUIRE(client.Begin(begin).ok());
  REQUIRE(client.Segment(begin.epoch(), 0, 2 * kGrid, response).ok());
  CHECK(ask(&Stub::QueryUpload, query).ok());
  CHECK(response.committed_bytes() == 2 * kGrid);
  CHECK(ask(&Stub::AbortUpload, abort).ok());
  CHECK(response.success());
  CHECK(ask(&Stub::QueryUpload, query).error_code() == StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace edgefeed
