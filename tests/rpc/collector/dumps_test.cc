#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/rpc/collector/upload_server.h"
#include "tests/support/log_capture.h"
#include "tests/support/some_bytes.h"

namespace edgefeed {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

constexpr std::size_t kSize = 700'001;

template <typename Message>
struct Streamed {
  std::vector<Message> messages;
  grpc::Status status;
};

template <typename Message>
Streamed<Message> ReadAll(const std::unique_ptr<grpc::ClientReader<Message>>& reader) {
  Streamed<Message> all;
  for (Message message; reader->Read(&message);) all.messages.push_back(message);
  all.status = reader->Finish();
  return all;
}

Streamed<dumps::DumpGroup> Groups(UploadServer& server,
                                  const dumps::ListDumpGroupsRequest& request = {}) {
  grpc::ClientContext context;
  return ReadAll(server.dumps().ListDumpGroups(&context, request));
}
Streamed<dumps::Dump> Dumps(UploadServer& server, const dumps::ListDumpsRequest& request = {}) {
  grpc::ClientContext context;
  return ReadAll(server.dumps().ListDumps(&context, request));
}
Streamed<dumps::DownloadDumpResponse> Download(UploadServer& server, const std::string& id,
                                               std::uint64_t offset = 0) {
  dumps::DownloadDumpRequest request;
  request.set_id(id);
  request.set_offset(offset);
  grpc::ClientContext context;
  return ReadAll(server.dumps().DownloadDump(&context, request));
}

// The bytes, having checked what each message promises.
std::string BytesOf(const Streamed<dumps::DownloadDumpResponse>& download, std::uint64_t offset) {
  std::string bytes;
  for (const auto& message : download.messages) {
    CHECK(message.offset() == offset + bytes.size());
    CHECK(message.crc32c() == Crc32c(message.data()));
    CHECK(message.data().size() <= 256 << 10);
    bytes += message.data();
  }
  return bytes;
}

TEST_CASE("groups and dumps are listed page after page") {
  UploadServer server;
  for (int i = 0; i < 120; ++i) {
    server.UploadDump("a" + std::to_string(i), "", "/bin/p" + std::to_string(i));
  }
  server.UploadDump("kept", SomeBytes(kSize), "/bin/p7");
  const auto groups = Groups(server);
  REQUIRE(groups.status.ok());
  REQUIRE(groups.messages.size() == 120);
  const auto& newest = groups.messages.front();
  CHECK(newest.title() == "SIGSEGV (p7)");
  CHECK(newest.occurrences() == 2);
  CHECK(newest.dumps() == 1);
  CHECK(newest.bytes() == kSize);
  CHECK(newest.device_count() == 1);
  CHECK(newest.devices(0) == "cam-7");

  const auto all = Dumps(server);
  REQUIRE(all.status.ok());
  CHECK(all.messages.size() == 121);
  CHECK(all.messages.front().kept());
  CHECK(all.messages.front().sha256() == edgefeed::BytesOf(Sha256Of(SomeBytes(kSize))));
  CHECK(all.messages.front().info().executable() == "/bin/p7");
  CHECK_FALSE(all.messages.back().kept());
  dumps::ListDumpsRequest of_group;
  of_group.set_group(newest.id());
  CHECK(Dumps(server, of_group).messages.size() == 2);
  dumps::ListDumpsRequest some;
  some.set_limit(55);
  CHECK(Dumps(server, some).messages.size() == 55);
  dumps::ListDumpGroupsRequest of_nobody;
  of_nobody.set_service_name("cam-8");
  CHECK(Groups(server, of_nobody).messages.empty());
}

TEST_CASE("a dump is downloaded whole, or from where an earlier download ended") {
  UploadServer server;
  const std::string bytes = SomeBytes(kSize);
  server.UploadDump("a", bytes, "/bin/sensord");
  const std::string id = Dumps(server).messages.front().id();
  const LogCapture log;
  const auto whole = Download(server, id.substr(0, 5));
  REQUIRE(whole.status.ok());
  CHECK(BytesOf(whole, 0) == bytes);
  CHECK(whole.messages.front().size_bytes() == kSize);
  CHECK(whole.messages.front().sha256() == edgefeed::BytesOf(Sha256Of(bytes)));
  const auto rest = Download(server, id, 300'000);
  CHECK(BytesOf(rest, 300'000) == bytes.substr(300'000));
  const auto nothing = Download(server, id, kSize);
  CHECK(nothing.status.ok());
  CHECK(nothing.messages.front().size_bytes() == kSize);
  CHECK(Download(server, id, kSize + 1).status.error_code() == StatusCode::OUT_OF_RANGE);
  CHECK(Download(server, "0000").status.error_code() == StatusCode::NOT_FOUND);
}

TEST_CASE("who downloads and removes what is in the log") {
  UploadServer server;
  server.UploadDump("a", SomeBytes(kSize), "/bin/sensord");
  const std::string id = Dumps(server).messages.front().id();
  LogCapture log;
  CHECK(Download(server, id).status.ok());
  dumps::RemoveDumpsRequest request;
  request.add_ids(id);
  dumps::RemoveDumpsResponse response;
  grpc::ClientContext context;
  CHECK(server.dumps().RemoveDumps(&context, request, &response).ok());
  CHECK(response.dumps() == 1);
  CHECK(response.bytes() == kSize);
  server.Settle();
  const auto lines = log.Take();
  const auto has = [&](const std::string& text) {
    return std::ranges::any_of(
        lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  };
  CHECK(has("dump " + id + " of device cam-7: download by "));
  CHECK(has("dump " + id + ": download by "));
  CHECK(has("complete after 683.6 KiB"));
  CHECK(has("dump or group " + id + ": removed by "));
}

TEST_CASE("what is known of a dump, and of its bytes that are not there") {
  UploadServer server;
  server.UploadDump("a", "", "/bin/sensord");
  const std::string id = Dumps(server).messages.front().id();
  dumps::GetDumpRequest request;
  request.set_id(id.substr(0, 3));
  dumps::Dump dump;
  grpc::ClientContext context;
  REQUIRE(server.dumps().GetDump(&context, request, &dump).ok());
  CHECK(dump.id() == id);
  CHECK(dump.service_name() == "cam-7");
  CHECK(dump.filename() == "core.zst");
  CHECK(dump.info().signal() == 11);
  CHECK(dump.stored_at_ms() > 0);
  CHECK(dump.sha256().empty());
  CHECK(Download(server, id).status.error_code() == StatusCode::FAILED_PRECONDITION);
  request.set_id("none");
  grpc::ClientContext again;
  CHECK(server.dumps().GetDump(&again, request, &dump).error_code() == StatusCode::NOT_FOUND);
}

TEST_CASE("more downloads at once than allowed, and a client that takes nothing") {
  UploadServer server({.longest_write = 100ms, .dump_calls = 1});
  server.UploadDump("a", SomeBytes(std::size_t{16} << 20), "/bin/sensord");
  dumps::DownloadDumpRequest request;
  request.set_id(Dumps(server).messages.front().id());
  grpc::ClientContext idle;
  const auto reader = server.dumps().DownloadDump(&idle, request);
  reader->WaitForInitialMetadata();

  const auto refused = Download(server, request.id());
  CHECK(refused.status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(server.stats().dump_calls_refused == 1);

  while (server.stats().dump_downloads_open > 0) server.Settle();  // Ended by the server.
  dumps::DownloadDumpResponse response;
  while (reader->Read(&response)) {
  }
  CHECK_FALSE(reader->Finish().ok());
}

}  // namespace
}  // namespace edgefeed
