#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>

#include "fileupload.pb.h"
#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"

namespace edgefeed {
namespace {

// Bytes that differ from chunk to chunk.
std::string Content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i % 251);
  return content;
}

TEST_CASE("upload sends a file in chunks of 256 KiB") {
  struct Case {
    std::size_t size;
    std::uint32_t chunks;
  };
  constexpr std::size_t kChunk = std::size_t{256} * 1024;
  for (const auto& [size, chunks] :
       {Case{0, 1}, Case{1, 1}, Case{kChunk, 1}, Case{kChunk + 1, 2}, Case{12 * kChunk, 12}}) {
    CAPTURE(size);
    const FakeCollector collector({});
    const ScratchDirectory directory;
    const std::string file = directory.Write("core.bin", Content(size));

    const Outcome outcome = RunProgram({"--collector", collector.address(), "upload", file});

    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err == "");
    CHECK(outcome.out.starts_with("core.bin: "));
    CHECK(outcome.out.ends_with("kept as /uploads/core.bin\n"));
    CHECK(collector.uploaded_name() == "core.bin");
    CHECK(collector.uploaded_chunks() == chunks);
    CHECK((collector.uploaded_data() == Content(size)));
  }
}

TEST_CASE("upload takes standard input under a name, and --json prints the reply") {
  const FakeCollector collector({});

  const Outcome outcome = RunProgram(
      {"--collector", collector.address(), "--json", "upload", "-", "--name", "a.txt"}, "hello");

  CHECK(outcome.exit_code == 0);
  CHECK(collector.uploaded_name() == "a.txt");
  CHECK(collector.uploaded_data() == "hello");
  fileupload::UploadResponse reply;
  REQUIRE(google::protobuf::util::JsonStringToMessage(outcome.out, &reply).ok());
  CHECK(reply.total_bytes() == 5);
  CHECK(reply.success());
}

TEST_CASE("an upload that is refused in the middle fails with the collector's reason") {
  const FakeCollector collector({.refuse_chunk = 3});
  const ScratchDirectory directory;
  const std::string file = directory.Write("core.bin", Content(3 << 20));

  const Outcome outcome = RunProgram({"--collector", collector.address(), "upload", file});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.out == "");
  CHECK(outcome.err == "edgefeedctl: disk full at chunk 3 of core.bin\n");
}

TEST_CASE("an upload of which the collector kept too little fails") {
  const FakeCollector collector({.claimed_bytes = 3});

  const Outcome outcome =
      RunProgram({"--collector", collector.address(), "upload", "-", "--name", "a.txt"}, "hello");

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.starts_with("edgefeedctl: a.txt: the collector kept 3 of 5 bytes"));
}

TEST_CASE("a file that cannot be read is named") {
  const FakeCollector collector({});

  CHECK(RunProgram({"--collector", collector.address(), "upload", "/nonexistent/a"}).err ==
        "edgefeedctl: /nonexistent/a: No such file or directory\n");
  const Outcome directory = RunProgram({"--collector", collector.address(), "upload", "/"});
  CHECK(directory.exit_code == 1);
  CHECK(directory.err.find("/: is a directory") != std::string::npos);
}

}  // namespace
}  // namespace edgefeed
