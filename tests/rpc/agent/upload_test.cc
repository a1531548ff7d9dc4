// The agent's upload over gRPC, with a server in this process.

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "agent/rpc/upload_transport.h"
#include "agent/upload/uploader.h"
#include "common/runtime/strand.h"
#include "tests/rpc/support/fake_uploads.h"
#include "tests/rpc/support/loopback_server.h"
#include "tests/support/fake_dump_queue.h"
#include "tests/support/free_port.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

constexpr auto kPatience = 60s;
constexpr std::size_t kMiB = std::size_t{1} << 20;

std::string Content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 >> 3);
  return content;
}

// An agent's upload, with its strand.
class Sender {
 public:
  explicit Sender(std::vector<Endpoint> collectors)
      : transport_(strand_, "cam", nullptr),
        uploader_({.collectors = std::move(collectors), .backoff = {.first = 10ms, .cap = 10ms}},
                  strand_, transport_, queue_) {
    RunOn(strand_, [this] { uploader_.Start(); });
  }
  ~Sender() {
    std::promise<void> idle;
    strand_.Post([&] {
      uploader_.Stop();
      transport_.WhenIdle([&] { idle.set_value(); });
    });
    CHECK(idle.get_future().wait_for(kPatience) == std::future_status::ready);
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Gives the dump to the uploader; true when this has become of it.
  bool Send(const std::string& id, const std::string& bytes, const std::string& outcome) {
    auto came = std::make_shared<std::promise<void>>();
    strand_.Post([=, this] {
      queue_.on_event = [came, outcome, done = false](const std::string& event) mutable {
        if (event.starts_with(outcome) && !std::exchange(done, true)) came->set_value();
      };
      queue_.Arrive(id, bytes);
    });
    return came->get_future().wait_for(kPatience) == std::future_status::ready;
  }
  bool Deliver(const std::string& id, const std::string& bytes) {
    return Send(id, bytes, "delivered " + id);
  }
  Lines Events() {
    Lines events;
    RunOn(strand_, [&] { events = queue_.Take(); });
    return events;
  }

 private:
  SystemClock clock_;
  Strand strand_{"dumps", clock_};
  FakeDumpQueue queue_;
  GrpcUploadTransport transport_;
  Uploader uploader_;
};

TEST_CASE("a dump arrives whole and described, in chunks with their place and checksum") {
  FakeUploads uploads;
  const LoopbackServer server(uploads);
  Sender sender({server.endpoint()});
  const std::string bytes = Content(9 * kMiB + 7);

  REQUIRE(sender.Deliver("a", bytes));

  const auto file = uploads.file("a");
  CHECK(file.bytes == bytes);
  CHECK(file.begun.service_name() == "cam");
  CHECK(file.begun.filename() == "a.core");
  CHECK(file.begun.size_bytes() == bytes.size());
  CHECK(file.begun.sha256() == BytesOf(Sha256Of(bytes)));
  CHECK(file.begun.has_dump());
  CHECK(uploads.calls() == 3);  // Of 4 MiB at most, as the server wants them.
  CHECK(uploads.received_bytes() == bytes.size());
  CHECK(uploads.first_chunk().filename() == "a.core");
  CHECK(uploads.first_chunk().ticket().service_name() == "cam");
  CHECK(uploads.later_chunk().filename().empty());
  CHECK_FALSE(uploads.later_chunk().has_ticket());
}

TEST_CASE("a call that breaks off goes on from what was kept") {
  FakeUploads uploads;
  const LoopbackServer server(uploads);
  uploads.Expect({{.at_bytes = 3 * kMiB, .status = grpc::Status(grpc::UNAVAILABLE, "gone")},
                  {.at_bytes = 5 * kMiB, .status = grpc::Status(grpc::UNAVAILABLE, "gone")}});
  Sender sender({server.endpoint()});
  const std::string bytes = Content(9 * kMiB);

  REQUIRE(sender.Deliver("a", bytes));

  CHECK(uploads.file("a").bytes == bytes);
  CHECK(uploads.received_bytes() == bytes.size());
  CHECK(sender.Events() == Lines{"begin a", "unreachable a: gone", "begin a", "unreachable a: gone",
                                 "begin a", "delivered a"});
}

TEST_CASE("a collector without a place is asked again after the time it says, not sooner") {
  FakeUploads uploads;
  const LoopbackServer server(uploads);
  uploads.RefusePlaces(2, "150");
  Sender sender({server.endpoint()});
  const SystemClock clock;
  const SteadyTime before = clock.Steady();

  REQUIRE(sender.Deliver("a", "bytes"));

  CHECK(clock.Steady() - before >= 300ms);
  CHECK(sender.Events() == Lines{"begin a", "unreachable a: no place", "begin a",
                                 "unreachable a: no place", "begin a", "delivered a"});
}

TEST_CASE("a refusal in the middle of a segment is heard, and the upload goes on within it") {
  FakeUploads uploads;
  const LoopbackServer server(uploads);
  uploads.Expect({{.at_bytes = 2 * kMiB, .refusal = fileupload::UPLOAD_REFUSAL_CRC},
                  {.at_bytes = 6 * kMiB, .refusal = fileupload::UPLOAD_REFUSAL_OFFSET},
                  {.at_bytes = 7 * kMiB, .refusal = fileupload::UPLOAD_REFUSAL_SUPERSEDED}});
  Sender sender({server.endpoint()});
  const std::string bytes = Content(9 * kMiB);

  REQUIRE(sender.Deliver("a", bytes));

  CHECK(uploads.file("a").bytes == bytes);
  CHECK(sender.Events() == Lines{"begin a", "delivered a"});
}

TEST_CASE("a dump that is refused at once costs no byte of it") {
  FakeUploads uploads;
  fileupload::UploadResponse refusal;
  refusal.set_state(fileupload::UPLOAD_STATE_REFUSED);
  refusal.set_refusal(fileupload::UPLOAD_REFUSAL_TOO_LARGE);
  refusal.set_message("over uploads.max_file_size");
  uploads.RefuseAll(refusal);
  const LoopbackServer server(uploads);
  Sender sender({server.endpoint()});

  REQUIRE(sender.Send("a", "bytes", "rejected a: over uploads.max_file_size"));

  CHECK(uploads.calls() == 0);
}

// By the original contract; keeps the chunks.
class OriginalUploads final : public fileupload::FileUploadService::Service {
 public:
  std::vector<fileupload::FileChunk> chunks;

  grpc::Status Upload(grpc::ServerContext* /*context*/,
                      grpc::ServerReader<fileupload::FileChunk>* reader,
                      fileupload::UploadResponse* response) override {
    fileupload::FileChunk chunk;
    std::uint64_t bytes = 0;
    while (!chunk.is_last() && reader->Read(&chunk)) {
      chunks.push_back(chunk);
      bytes += chunk.data().size();
    }
    response->set_total_bytes(bytes);
    response->set_success(chunk.is_last());
    return grpc::Status::OK;
  }
};

TEST_CASE("an original server gets the whole file with the original fields and a name of its own") {
  OriginalUploads uploads;
  const LoopbackServer server(uploads);
  Sender sender({server.endpoint()});
  const std::string bytes = Content(5 * kMiB + 3);

  REQUIRE(sender.Deliver("a", bytes));

  std::string arrived;
  for (std::uint32_t index = 0; index < uploads.chunks.size(); ++index) {
    fileupload::FileChunk chunk = uploads.chunks[index];
    CHECK(chunk.filename() == "a.a.core");
    CHECK(chunk.chunk_index() == index);
    arrived += chunk.data();
    chunk.clear_filename();
    chunk.clear_data();
    chunk.clear_chunk_index();
    chunk.clear_is_last();
    CHECK(chunk.ByteSizeLong() == 0);
  }
  CHECK(arrived == bytes);
}

TEST_CASE("an address where nobody listens costs one attempt") {
  FakeUploads uploads;
  const LoopbackServer server(uploads);
  Sender sender({{.host = "127.0.0.1", .port = FreePort()}, server.endpoint()});

  REQUIRE(sender.Deliver("a", "bytes"));

  const Lines events = sender.Events();
  REQUIRE(events.size() == 4);
  CHECK(events[1].starts_with("unreachable a: "));
  CHECK(events[3] == "delivered a");
}

// Takes one chunk and does nothing more until it is let go.
class StuckUploads final : public fileupload::FileUploadService::Service {
 public:
  std::promise<void> stuck;
  std::promise<void> release;

  grpc::Status BeginUpload(grpc::ServerContext* /*context*/,
                           const fileupload::BeginUploadRequest* /*request*/,
                           fileupload::UploadResponse* response) override {
    response->set_state(fileupload::UPLOAD_STATE_INCOMPLETE);
    return grpc::Status::OK;
  }
  grpc::Status Upload(grpc::ServerContext* /*context*/,
                      grpc::ServerReader<fileupload::FileChunk>* reader,
                      fileupload::UploadResponse* /*response*/) override {
    fileupload::FileChunk chunk;
    reader->Read(&chunk);
    stuck.set_value();
    release.get_future().wait();
    return grpc::Status::CANCELLED;
  }
};

TEST_CASE("a stop does not wait for a server that is stuck") {
  StuckUploads uploads;
  const LoopbackServer server(uploads);
  {
    Sender sender({server.endpoint()});
    REQUIRE(sender.Send("a", Content(20 * kMiB), "begin a"));
    REQUIRE(uploads.stuck.get_future().wait_for(kPatience) == std::future_status::ready);
  }  // Checks that gRPC lets go.
  uploads.release.set_value();
}

}  // namespace
}  // namespace edgefeed
