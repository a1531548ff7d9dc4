#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>

#include "fileupload.pb.h"
#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"
#include "tests/rpc/support/fake_uploads.h"
#include "tests/rpc/support/loopback_server.h"

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

// A collector that takes segments, and a file for it.
struct SegmentSession {
  FakeUploads uploads;
  LoopbackServer server{uploads};
  ScratchDirectory directory;
  std::string content = Content(9 << 20);
  std::string file = directory.Write("core.bin", content);

  [[nodiscard]] Outcome Upload(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"--collector", ToString(server.endpoint()), "upload",
                                          file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }
};

TEST_CASE("upload sends a file in segments to a collector that takes them") {
  SegmentSession session;

  const Outcome outcome = session.Upload({"--name", "other.bin"});

  CHECK(outcome.err == "");
  CHECK(outcome.out.starts_with("other.bin: 9.0 MiB"));
  CHECK(outcome.out.find("resumed") == std::string::npos);
  REQUIRE(session.uploads.files().size() == 1);
  CHECK((session.uploads.files()[0].bytes == session.content));
  CHECK(session.uploads.files()[0].begun.filename() == "other.bin");
  CHECK(session.uploads.files()[0].begun.service_name() == "");
  CHECK(session.uploads.calls() == 3);
}

TEST_CASE("an upload whose line breaks goes on by itself") {
  SegmentSession session;
  session.uploads.Expect(
      {{.at_bytes = 1 << 20, .status = grpc::Status(grpc::UNAVAILABLE, "gone")},
       {.at_bytes = 3 << 20, .refusal = fileupload::UPLOAD_REFUSAL_CRC},
       {.at_bytes = 5 << 20, .refusal = fileupload::UPLOAD_REFUSAL_UNKNOWN},
       {.at_bytes = 9 << 20, .status = grpc::Status(grpc::UNAVAILABLE, "gone")}});

  const Outcome outcome = session.Upload();

  CHECK(outcome.err == "");
  CHECK(outcome.exit_code == 0);
  REQUIRE(session.uploads.files().size() == 1);
  CHECK((session.uploads.files()[0].bytes == session.content));
  CHECK(session.uploads.received_bytes() == session.content.size());
}

TEST_CASE("an upload that finds no place waits as long as it is asked to, and says so") {
  SegmentSession session;
  session.uploads.RefusePlaces(2, "30");

  const Outcome outcome = session.Upload();

  CHECK(outcome.exit_code == 0);
  const std::string waits =
      "core.bin: waiting for the collector: no place (it asks to wait 30ms)\n";
  CHECK(outcome.err == waits + waits);
  REQUIRE(session.uploads.files().size() == 1);
  CHECK((session.uploads.files()[0].bytes == session.content));
}

TEST_CASE("an upload does not wait for longer than a minute, nor for ever: the user is told") {
  SegmentSession session;
  SUBCASE("too long at once") {
    session.uploads.RefusePlaces(1, "61000");
    CHECK(session.Upload().err == "edgefeedctl: no place (it asks to wait 61s)\n");
  }
  SUBCASE("too often") {
    session.uploads.RefusePlaces(1000, "1");
    CHECK(session.Upload().err.ends_with("edgefeedctl: no place (it asks to wait 1ms)\n"));
  }
  SUBCASE("by a server that says nonsense") {
    session.uploads.RefusePlaces(1, "-1");
    CHECK(session.Upload().err == "edgefeedctl: no place\n");
  }
  CHECK(session.uploads.calls() == 0);
}

TEST_CASE("the same command again goes on where the first one ended") {
  SegmentSession session;
  session.uploads.Expect({{.at_bytes = 5 << 20, .status = grpc::Status(grpc::INTERNAL, "broken")}});
  CHECK(session.Upload().err == "edgefeedctl: broken\n");

  const Outcome outcome = session.Upload();

  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.find("(resumed at 5.0 MiB)") != std::string::npos);
  CHECK(session.uploads.received_bytes() == session.content.size());
}

TEST_CASE("bytes at the collector that are not this file's are sent again") {
  SegmentSession session;
  session.uploads.Expect({{.at_bytes = 5 << 20, .status = grpc::Status(grpc::INTERNAL, "broken")}});
  CHECK(session.Upload().exit_code == 1);
  session.uploads.Damage();

  const Outcome outcome = session.Upload();

  CHECK(outcome.exit_code == 0);
  REQUIRE(session.uploads.files().size() == 1);
  CHECK((session.uploads.files()[0].bytes == session.content));
}

TEST_CASE("a file that is sent again after it was complete is there twice") {
  SegmentSession session;

  CHECK(session.Upload().exit_code == 0);
  CHECK(session.Upload().exit_code == 0);

  REQUIRE(session.uploads.files().size() == 2);
  CHECK(session.uploads.files()[0].complete);
  CHECK(session.uploads.files()[1].complete);
}

TEST_CASE("a segment's refusal that ends the upload is told with its reason") {
  struct Case {
    fileupload::UploadRefusal refusal;
    std::string says;
  };
  for (const auto& [refusal, says] :
       {Case{fileupload::UPLOAD_REFUSAL_DIGEST, "changed while it was sent"},
        Case{fileupload::UPLOAD_REFUSAL_SUPERSEDED, "somebody else goes on"},
        Case{fileupload::UPLOAD_REFUSAL_STORAGE, "core.bin: was refused"}}) {
    SegmentSession session;
    session.uploads.Expect({{.at_bytes = 1 << 20, .refusal = refusal}});

    const Outcome outcome = session.Upload();

    CHECK(outcome.exit_code == 1);
    CHECK(outcome.err.find(says) != std::string::npos);
  }
}

TEST_CASE("an upload that never gets further ends") {
  SegmentSession session;
  session.uploads.Expect(
      std::vector(100, FakeUploads::Trouble{.refusal = fileupload::UPLOAD_REFUSAL_CRC}));

  const Outcome outcome = session.Upload();

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.find("gets no further than") != std::string::npos);
}

TEST_CASE("an upload that is refused at the beginning sends nothing") {
  SegmentSession session;
  fileupload::UploadResponse refusal;
  refusal.set_state(fileupload::UPLOAD_STATE_REFUSED);
  refusal.set_refusal(fileupload::UPLOAD_REFUSAL_QUOTA);
  refusal.set_message("uploads.quota is used up");
  session.uploads.RefuseAll(refusal);

  const Outcome outcome = session.Upload();

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err == "edgefeedctl: core.bin: was refused: uploads.quota is used up\n");
  CHECK(session.uploads.calls() == 0);
}

}  // namespace
}  // namespace edgefeed
