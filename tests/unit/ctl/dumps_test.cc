#include "ctl/dumps.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>

#include "common/compress/zstd_stream.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/ctl/fake_dump_client.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Noise(std::size_t size) {
  std::mt19937 random(3);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

class DumpsFixture {
 public:
  DumpsFixture() {
    ZstdCompressor zstd;
    zstd.Update(core, client.bytes);
    zstd.Finish(client.bytes);
    client.dump = {.id = "3fa2000000000001",
                   .group = "81c0b1d200000000",
                   .device = "cam-01",
                   .sha256 = Sha256Of(client.bytes),
                   .size_bytes = client.bytes.size(),
                   .kept = true};
    client.dump.info.compression = "zstd";
    client.dump.info.content = DumpContent::kFull;
    options.dumps.id = "3fa2";
    options.dumps.file = (directory.path() / "core").string();
  }

  Status Get() { return RunDumpsGet(client, options, clock, console); }
  [[nodiscard]] fs::path file() const { return options.dumps.file; }
  [[nodiscard]] fs::path partial() const { return options.dumps.file + ".partial"; }
  [[nodiscard]] std::string Show() {
    REQUIRE(RunDumpsShow(client, options, clock, console));
    return out.str();
  }

  TempDir directory;
  ManualClock clock;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.out = out, .err = err};
  std::string core = Noise(50'000);
  FakeDumpClient client;
  CtlOptions options;
};

TEST_CASE_FIXTURE(DumpsFixture, "a dump is fetched, verified and unpacked") {
  REQUIRE(Get());
  CHECK(ReadFile(file()) == core);
  CHECK_FALSE(fs::exists(partial()));
  CHECK(fs::status(file()).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(out.str().find("verified") != std::string::npos);
}

TEST_CASE_FIXTURE(DumpsFixture, "a name that ends in .zst gets the bytes as they are stored") {
  options.dumps.file += ".zst";
  REQUIRE(Get());
  CHECK(ReadFile(file()) == client.bytes);
}

TEST_CASE_FIXTURE(DumpsFixture, "a download that broke off goes on where it ended") {
  client.breaks_at = 20'000;
  const Status broken = Get();
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Code::kUnavailable);
  CHECK_FALSE(fs::exists(file()));
  CHECK(fs::file_size(partial()) == 20'000);

  client.breaks_at.reset();
  client.sent_bytes = 0;
  REQUIRE(Get());
  CHECK(client.sent_bytes == client.bytes.size() - 20'000);
  CHECK(ReadFile(file()) == core);
}

TEST_CASE_FIXTURE(DumpsFixture, "what is left of another dump does not become part of this one") {
  std::ofstream(partial()) << std::string(10'000, 'x');
  const Status wrong = Get();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::kDataLoss);
  CHECK_FALSE(fs::exists(file()));
  CHECK_FALSE(fs::exists(partial()));
  REQUIRE(Get());
  CHECK(ReadFile(file()) == core);
}

TEST_CASE_FIXTURE(DumpsFixture, "a longer left-over is of another dump for sure") {
  std::ofstream(partial()) << std::string(client.bytes.size() + 1, 'x');
  REQUIRE(Get());
  CHECK(ReadFile(file()) == core);
}

TEST_CASE_FIXTURE(DumpsFixture, "a file that is there is not overwritten") {
  std::ofstream(file()) << "mine";
  const Status refused = Get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kAlreadyExists);
  CHECK(ReadFile(file()) == "mine");
}

TEST_CASE_FIXTURE(DumpsFixture, "without bytes there is an error that says why") {
  client.dump.kept = false;
  client.dump.note = "removed: 30 days old";
  const Status removed = Get();
  REQUIRE_FALSE(removed);
  CHECK(removed.error().message.find("30 days old") != std::string::npos);
  client.dump.info.missing = "rate_limited";
  const Status refused = Get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("rate_limited") != std::string::npos);
  CHECK(Show().find("30 days old") != std::string::npos);
  CHECK_FALSE(fs::exists(partial()));
}

TEST_CASE_FIXTURE(DumpsFixture, "bytes that are not what the collector promised are thrown away") {
  client.bytes[777] ^= 1;
  const Status wrong = Get();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::kDataLoss);
  CHECK_FALSE(fs::exists(file()));
}

TEST_CASE_FIXTURE(DumpsFixture, "the report of a dump has signal, backtrace and registers") {
  DumpInfo& info = client.dump.info;
  info.executable = "/usr/bin/sensord";
  info.signal = 11;
  info.fault_address = 0xdead;
  info.threads = {{.id = 7,
                   .frames = {{.module = "/usr/bin/sensord",
                               .offset = 0x1234,
                               .function = "parse_line",
                               .source = "parse.c:17"},
                              {.offset = 0x7f00}},
                   .registers = {{"rip", 0x55501234}}},
                  {.id = 8, .frames = {{.function = "poll"}}}};
  info.log_tail = "one\ntwo \x1b[31m\n";
  info.metrics = {.times = {FromUnixMillis(1)},
                  .metrics = {{.series = {"memory_free_bytes", {}}, .values = {2048}}}};
  const std::string report = Show();
  for (const char* text :
       {"SIGSEGV in parse_line (sensord)", "at 0xdead", "#0  parse_line at parse.c:17",
        "#1  ?? (0x7f00)", "rip", "0x55501234", "thread 8", "  two", "memory_free_bytes"}) {
    CAPTURE(text);
    CHECK(report.find(text) != std::string::npos);
  }
  CHECK(report.find('\x1b') == std::string::npos);
}

TEST_CASE_FIXTURE(DumpsFixture, "groups come before dumps; one group has its dumps only") {
  client.groups = {{.id = "81c0b1d200000000", .title = "SIGSEGV in f (g)", .occurrences = 1000}};
  REQUIRE(RunDumps(client, options, clock, console));
  CHECK(out.str().find("1,000") < out.str().find("3fa20000"));
  out.str("");
  options.dumps.group = "81c0";
  REQUIRE(RunDumps(client, options, clock, console));
  CHECK(client.asked.group == "81c0");
  CHECK(out.str().find("1,000") == std::string::npos);
  CHECK(out.str().find("3fa20000") != std::string::npos);
}

TEST_CASE_FIXTURE(DumpsFixture, "what was removed is said") {
  options.dumps.ids = {"3fa2"};
  REQUIRE(RunDumpsRemove(client, options, console));
  CHECK(client.removed == std::vector<std::string>{"3fa2"});
  CHECK(out.str() == "1 dump removed, 2.0 KiB\n");
}

}  // namespace
}  // namespace edgefeed
