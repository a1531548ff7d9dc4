#include "collector/access/audit_log.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "common/base/file.h"
#include "common/base/text.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

AuditEvent Call(const std::string& object) {
  return {.event = "call",
          .reason = {},
          .who = "operator 'kim' (token)",
          .address = "10.0.0.7:4711",
          .method = "dumps.DumpService/DownloadDump",
          .object = object,
          .detail = {}};
}

AuditEvent Refused(const std::string& object, const std::string& address = "10.0.0.9:1") {
  return {.event = "refused",
          .reason = "name",
          .who = "device 'a' (certificate 0a)",
          .address = address,
          .method = "telemetry.TelemetryService/LiveFeed",
          .object = object,
          .detail = "may not"};
}

struct Rig {
  std::vector<std::string> Lines(const std::string& name = "audit.log") const {
    const auto text = ReadSmallFile(directory.path() / name);
    std::vector<std::string> lines;
    if (!text) return lines;
    std::string_view rest = *text;
    while (const auto line = NextLine(rest)) lines.emplace_back(*line);
    return lines;
  }

  TempDir directory;
  ManualScheduler strand;
  CollectorStats stats;
};

TEST_CASE("who did what is a line of JSON in a file that others cannot read") {
  Rig rig;
  AuditLog log(rig.directory.path() / "audit.log", rig.strand, rig.stats);
  log.Write(Call("d-1"));
  log.Write(Call("quote \" and\nline"));
  CHECK(rig.Lines().empty());  // Only the strand waits for the disk.
  rig.strand.RunUntilIdle();
  const auto lines = rig.Lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == R"({"time":")" + FormatTime(rig.strand.WallNow()) +
                        R"(","event":"call","who":"operator 'kim' (token)",)"
                        R"("address":"10.0.0.7:4711","method":"dumps.DumpService/DownloadDump",)"
                        R"("object":"d-1"})");
  CHECK(lines[1].find(R"("object":"quote \" and\nline")") != std::string::npos);
  struct stat found{};
  REQUIRE(::stat((rig.directory.path() / "audit.log").c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U & ~0640U) == 0);
}

TEST_CASE("refusals that are alike are one line, and a minute later how many more") {
  Rig rig;
  AuditLog log(rig.directory.path() / "audit.log", rig.strand, rig.stats);
  for (int i = 0; i < 100; ++i) log.Write(Refused("b", "10.0.0.9:" + std::to_string(i)));
  log.Write(Refused("c"));
  rig.strand.RunUntilIdle();
  CHECK(rig.Lines().size() == 2);
  rig.strand.Advance(AuditLog::kAlikeFor);
  auto lines = rig.Lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[2].find(R"("times":99)") != std::string::npos);
  log.Write(Refused("b"));
  rig.strand.RunUntilIdle();
  CHECK(rig.Lines().size() == 4);
  CHECK(rig.stats.audit_lines_lost == 0);
}

TEST_CASE("what a stranger makes up does not fill the file: it is counted") {
  Rig rig;
  AuditLog log(rig.directory.path() / "audit.log", rig.strand, rig.stats);
  const std::size_t kinds = AuditLog::kMostKinds + 10;
  for (std::size_t i = 0; i < kinds; ++i) log.Write(Refused(std::to_string(i)));
  log.Write(Refused(std::string(100'000, 'x')));
  rig.strand.RunUntilIdle();
  CHECK(rig.Lines().size() == AuditLog::kMostKinds);
  CHECK(rig.stats.audit_lines_lost == 11);
  log.Write(Call(std::string(100'000, 'x')));
  rig.strand.RunUntilIdle();
  CHECK(rig.Lines().back().size() < 1000);
}

TEST_CASE("over its size the file makes room for a new one, and one old one is kept") {
  Rig rig;
  AuditLog log(rig.directory.path() / "audit.log", rig.strand, rig.stats, Bytes{1000});
  for (int i = 0; i < 50; ++i) log.Write(Call(std::to_string(i)));
  rig.strand.RunUntilIdle();
  CHECK(rig.Lines().back().find(R"("object":"49")") != std::string::npos);
  CHECK_FALSE(rig.Lines("audit.log.1").empty());
  for (const char* name : {"audit.log", "audit.log.1"}) {
    CHECK(std::filesystem::file_size(rig.directory.path() / name) <= 1000);
  }
}

TEST_CASE("an earlier run's lines stay, and lines that the disk does not take are counted") {
  Rig rig;
  const auto file = rig.directory.Write("audit.log", "{\"before\":true}\n");
  {
    AuditLog log(file, rig.strand, rig.stats);
    log.Write(Call("1"));
    rig.strand.RunUntilIdle();
  }
  CHECK(rig.Lines().size() == 2);
  AuditLog nowhere(rig.directory.path() / "absent" / "audit.log", rig.strand, rig.stats);
  nowhere.Write(Call("1"));
  rig.strand.RunUntilIdle();
  CHECK(rig.stats.audit_lines_lost == 1);
}

TEST_CASE("a strand that is held up costs lines, not memory") {
  Rig rig;
  AuditLog log(rig.directory.path() / "audit.log", rig.strand, rig.stats);
  for (std::uint64_t i = 0; i < AuditLog::kMostWaiting + 5; ++i) log.Write(Call("x"));
  CHECK(rig.stats.audit_lines_lost == 5);
  rig.strand.RunUntilIdle();
  log.Write(Call("y"));
  rig.strand.RunUntilIdle();
  CHECK(rig.stats.audit_lines_lost == 5);
}

}  // namespace
}  // namespace edgefeed
