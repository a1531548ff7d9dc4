// An original client's Upload to our collector.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/compat/original_client.h"

namespace edgefeed::compat {
namespace {

using doctest::Contains;
using fileupload::FileChunk;
using fileupload::UploadResponse;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

enum class Position { kMiddle, kLast };

FileChunk Chunk(const std::string& filename, std::uint32_t index, const std::string& data,
                Position position = Position::kMiddle) {
  FileChunk chunk;
  chunk.set_filename(filename);
  chunk.set_chunk_index(index);
  chunk.set_data(data);
  chunk.set_is_last(position == Position::kLast);
  return chunk;
}

// One Upload call.
class OriginalUpload {
 public:
  explicit OriginalUpload(RunningCollector& collector)
      : stub_(fileupload::FileUploadService::NewStub(collector.channel())) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->Upload(&context_, &response_);
  }

  void Send(const FileChunk& chunk) { stream_->Write(chunk); }
  grpc::Status End() {
    stream_->WritesDone();
    return stream_->Finish();
  }
  grpc::Status Vanish() {
    context_.TryCancel();
    return stream_->Finish();
  }
  [[nodiscard]] const UploadResponse& response() const { return response_; }

 private:
  std::unique_ptr<fileupload::FileUploadService::Stub> stub_;
  grpc::ClientContext context_;
  UploadResponse response_;
  std::unique_ptr<grpc::ClientWriter<FileChunk>> stream_;
};

std::string Contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST_CASE("an original client's file arrives whole") {
  RunningCollector collector;
  const std::string block(65'536, 'b');
  OriginalUpload upload(collector);
  upload.Send(Chunk("core.dump", 0, block));
  upload.Send(Chunk("core.dump", 1, block));
  upload.Send(Chunk("core.dump", 2, std::string("end\0", 4), Position::kLast));

  const grpc::Status status = upload.End();

  REQUIRE_MESSAGE(status.ok(), status.error_message());
  CHECK(upload.response().filename() == "core.dump");
  CHECK(upload.response().total_bytes() == 2 * block.size() + 4);
  CHECK(upload.response().total_chunks() == 3);
  CHECK(upload.response().success());
  CHECK(IsOriginal(upload.response()));
  const auto files = collector.VisibleFiles();
  REQUIRE(files.size() == 1);
  CHECK(files[0].filename() == "core.dump");
  CHECK(Contents(files[0]) == block + block + std::string("end\0", 4));
}

TEST_CASE("an empty file is one empty last chunk") {
  RunningCollector collector;
  OriginalUpload upload(collector);
  upload.Send(Chunk("empty", 0, "", Position::kLast));

  const grpc::Status status = upload.End();

  REQUIRE_MESSAGE(status.ok(), status.error_message());
  CHECK(upload.response().total_bytes() == 0);
  CHECK(upload.response().total_chunks() == 1);
  CHECK(collector.VisibleFiles().size() == 1);
}

TEST_CASE("an upload that breaks the rules is refused, naming file and chunk, and leaves nothing") {
  struct Broken {
    std::string what;
    std::vector<FileChunk> chunks;
    std::vector<std::string> named;
  };
  const std::vector<Broken> broken = {
      {"a gap",
       {Chunk("f.bin", 0, "a"), Chunk("f.bin", 2, "c", Position::kLast)},
       {"f.bin", "chunk 2", "chunk 1"}},
      {"a chunk twice", {Chunk("f.bin", 0, "a"), Chunk("f.bin", 0, "a")}, {"f.bin", "chunk 0"}},
      {"no beginning", {Chunk("f.bin", 1, "b")}, {"f.bin", "chunk 1"}},
      {"a second name",
       {Chunk("f.bin", 0, "a"), Chunk("g.bin", 1, "b", Position::kLast)},
       {"f.bin", "g.bin", "chunk 1"}},
      {"no last chunk", {Chunk("f.bin", 0, "a"), Chunk("f.bin", 1, "b")}, {"f.bin", "is_last"}},
      {"no chunk at all", {}, {}},
      {"a path", {Chunk("../f.bin", 0, "a", Position::kLast)}, {"../f.bin"}},
      {"an absolute path", {Chunk("/etc/f.bin", 0, "a", Position::kLast)}, {"/etc/f.bin"}},
      {"a parent", {Chunk("..", 0, "a", Position::kLast)}, {".."}},
      {"no name", {Chunk("", 0, "a", Position::kLast)}, {"name"}},
  };
  RunningCollector collector;
  for (const Broken& one : broken) {
    CAPTURE(one.what);
    OriginalUpload upload(collector);
    for (const FileChunk& chunk : one.chunks) upload.Send(chunk);

    const grpc::Status status = upload.End();

    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    for (const std::string& named : one.named) {
      CHECK(Text(status.error_message()) == Contains(named.c_str()));
    }
    CHECK(collector.VisibleFiles().empty());
  }
}

TEST_CASE("a client that goes away mid-upload leaves a line in the log and nothing else") {
  RunningCollector collector;
  OriginalUpload upload(collector);
  upload.Send(Chunk("large_file.bin", 0, "a"));
  upload.Send(Chunk("large_file.bin", 1, "b"));

  upload.Vanish();

  // Which chunk it was in depends on how far the collector had read.
  CHECK(collector.program().WaitForLine("client disconnected during chunk ", kPatience));
  CHECK(collector.VisibleFiles().empty());
}

}  // namespace
}  // namespace edgefeed::compat
