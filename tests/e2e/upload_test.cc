// Uploads that go wrong, and a collector that stops while they run.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/unique_fd.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
using doctest::Contains;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

std::string Content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool AwaitUploadedBytes(const RunningCollector& collector) {
  return Await([&] { return collector.Metric("edgefeed_collector_upload_bytes_total") > 0; });
}

TEST_CASE("an uploaded file is there as it was, also a second one of its name") {
  RunningCollector collector;
  std::string bytes(700'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
  const TempDir directory;
  const auto file = directory.Write("bytes.bin", bytes);

  for (int i = 0; i < 2; ++i) {
    const auto upload =
        Run("edgefeedctl", {"--collector", collector.address(), "upload", file.string()});
    CHECK(upload->Wait(kPatience) == 0);
  }

  const auto files = collector.VisibleUploads();
  REQUIRE(files.size() == 2);
  CHECK(files[0].filename() == "bytes.bin");
  CHECK(Content(files[0]) == bytes);
  CHECK(Content(files[1]) == bytes);
}

TEST_CASE("a client that vanishes in the middle leaves nothing but one line") {
  RunningCollector collector;
  const auto fifo = collector.directory() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd writer(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  Program upload(
      {.program = BuiltProgram("edgefeedctl"),
       .arguments = {"--collector", collector.address(), "upload", "-", "--name", "half.bin"},
       .stdin_file = fifo});
  const std::string data(64 << 10, 'x');
  for (int i = 0; i < 12; ++i) {
    REQUIRE(::write(writer.get(), data.data(), data.size()) == static_cast<ssize_t>(data.size()));
  }
  REQUIRE(AwaitUploadedBytes(collector));

  upload.Kill();

  CHECK(collector.program().WaitForLine("client disconnected during chunk ", kPatience));
  CHECK(collector.VisibleUploads().empty());
  CHECK(Await([&] { return collector.Metric("edgefeed_collector_uploads_failed_total") == 1; }));
  CHECK(std::filesystem::is_empty(collector.directory() / "data" / "uploads" / ".partial"));
  CHECK(collector.program().CountLines("half.bin") == 1);
}

TEST_CASE("a collector that was killed in the middle of an upload forgets what is not whole") {
  RunningCollector collector;
  {
    const auto channel = Connect(collector.address());
    grpc::ClientContext context;
    fileupload::UploadResponse response;
    const auto stub = fileupload::FileUploadService::NewStub(channel);
    const auto writer = stub->Upload(&context, &response);
    fileupload::FileChunk chunk;
    chunk.set_filename("torn.bin");
    chunk.set_data(std::string(100'000, 't'));
    REQUIRE(writer->Write(chunk));
    REQUIRE(AwaitUploadedBytes(collector));
    collector.program().Kill();
    CHECK(writer->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  }

  collector.Start();

  CHECK(collector.VisibleUploads().empty());
  CHECK(std::filesystem::is_empty(collector.directory() / "data" / "uploads" / ".partial"));
}

TEST_CASE("a file over the limit, and one over what is left of the quota, are refused") {
  RunningCollector collector("uploads: {max_file_size: 200KiB, quota: 300KiB}");
  const auto channel = Connect(collector.address());
  fileupload::UploadResponse response;

  const grpc::Status large = Upload(channel, "large.bin", std::string(201 << 10, 'l'), response);
  CHECK(large.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(Text(large.error_message()) == Contains("large.bin"));
  CHECK(Text(large.error_message()) == Contains("chunk 3"));
  CHECK(Text(large.error_message()) == Contains("uploads.max_file_size"));

  CHECK(Upload(channel, "first.bin", std::string(200 << 10, 'f'), response).ok());
  const grpc::Status second = Upload(channel, "second.bin", std::string(150 << 10, 's'), response);
  CHECK(second.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(Text(second.error_message()) == Contains("uploads.quota"));
  CHECK(Upload(channel, "third.bin", std::string(100 << 10, 't'), response).ok());
  CHECK(collector.VisibleUploads().size() == 2);
}

std::string FileContent(const std::string& name) {
  std::string content;
  while (content.size() < 300'000) content += name + '\n';
  return content;
}

// Clients that upload one file after another until the collector is gone.
class Uploaders {
 public:
  Uploaders(const std::string& address, int clients) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this, address, i] { UploadUntilGone(address, i); });
    }
  }

  // The names of the files whose upload was answered with OK.
  std::set<std::string> Join() {
    threads_.clear();
    return answered_;
  }

 private:
  void UploadUntilGone(const std::string& address, int client) {
    const auto channel = Connect(address);
    for (int i = 0;; ++i) {
      const std::string name = std::to_string(client) + "-" + std::to_string(i);
      fileupload::UploadResponse response;
      if (!Upload(channel, name, FileContent(name), response).ok()) return;
      const std::lock_guard lock(mutex_);
      answered_.insert(name);
    }
  }

  std::mutex mutex_;
  std::set<std::string> answered_;
  std::vector<std::jthread> threads_;
};

TEST_CASE("SIGTERM under load ends within 5 s and loses no upload that was answered") {
  RunningCollector collector;
  std::vector<std::unique_ptr<RunningAgent>> agents;
  agents.reserve(3);
  for (int i = 0; i < 3; ++i) {
    agents.push_back(std::make_unique<RunningAgent>(
        AgentSpec{.name = "loaded-" + std::to_string(i), .collector = collector.address()}));
  }
  // One that would never end.
  const auto channel = Connect(collector.address());
  grpc::ClientContext endless;
  fileupload::UploadResponse no_response;
  const auto stub = fileupload::FileUploadService::NewStub(channel);
  const auto writer = stub->Upload(&endless, &no_response);
  fileupload::FileChunk chunk;
  chunk.set_filename("endless");
  REQUIRE(writer->Write(chunk));
  Uploaders uploaders(collector.address(), 6);
  REQUIRE(
      Await([&] { return collector.Metric("edgefeed_collector_uploads_completed_total") >= 20; }));
  REQUIRE(
      Await([&] { return collector.Metric("edgefeed_collector_payloads_accepted_total") >= 20; }));

  const auto signalled = std::chrono::steady_clock::now();
  collector.program().Signal(SIGTERM);

  CHECK(collector.program().Wait(kPatience) == 0);
  CHECK(std::chrono::steady_clock::now() - signalled <= 5s * kSlowness);
  CHECK_FALSE(writer->Finish().ok());
  const auto answered = uploaders.Join();
  CHECK(answered.size() >= 20);
  std::set<std::string> visible;
  for (const auto& file : collector.VisibleUploads()) {
    visible.insert(file.filename());
    // The answer to a whole one may have been lost.
    CHECK(Content(file) == FileContent(file.filename()));
  }
  for (const auto& name : answered) CHECK_MESSAGE(visible.contains(name), name);
  CHECK(visible.size() <= answered.size() + 6);
}

}  // namespace
}  // namespace edgefeed::e2e
