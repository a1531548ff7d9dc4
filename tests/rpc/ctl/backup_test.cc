#include <doctest/doctest.h>

#include <filesystem>

#include "common/base/crc32c.h"
#include "tests/rpc/ctl/program.h"
#include "tests/rpc/ctl/scripts.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

BackupResponse Plan(std::uint64_t files, std::uint64_t bytes) {
  BackupResponse response;
  response.mutable_plan()->set_files(files);
  response.mutable_plan()->set_bytes(bytes);
  return response;
}

BackupResponse WholeFile(const std::string& path, const std::string& data) {
  BackupResponse response;
  response.mutable_chunk()->set_path(path);
  response.mutable_chunk()->set_file_bytes(data.size());
  response.mutable_chunk()->set_data(data);
  response.mutable_chunk()->set_crc32c(Crc32c(data));
  return response;
}

BackupResponse EndOf(std::uint64_t files, std::uint64_t bytes) {
  BackupResponse response;
  response.mutable_end()->set_files(files);
  response.mutable_end()->set_bytes(bytes);
  return response;
}

struct Attempt {
  explicit Attempt(const CollectorScript& script) {
    const FakeCollector collector(script);
    outcome = RunProgram({"--collector", collector.address(), "backup", target().string()});
  }
  [[nodiscard]] fs::path target() const { return home.path() / "b"; }
  [[nodiscard]] fs::path partial() const { return home.path() / "b.partial"; }

  TempDir home;
  Outcome outcome;
};

void CheckIsPartial(const Attempt& attempt, const std::string& why) {
  CHECK(attempt.outcome.exit_code == 1);
  CHECK(attempt.outcome.out == "");
  CHECK(attempt.outcome.err == "edgefeedctl: " + why + "; " + attempt.partial().string() +
                                   " has what came until then, which is no backup\n");
  CHECK(fs::exists(attempt.partial() / "meta.db"));
  CHECK_FALSE(fs::exists(attempt.target()));
}

TEST_CASE("a backup that ends early says why, and is obviously no backup") {
  const std::vector<BackupResponse> begin = {Plan(2, 10), WholeFile("meta.db", "abc")};
  CheckIsPartial(
      Attempt({.backup = begin, .backup_end = Error{Code::kDataLoss, "raw/1.db is damaged"}}),
      "raw/1.db is damaged");
  CheckIsPartial(Attempt({.backup = begin}), "the collector did not say that this was all");
  auto less = begin;
  less.push_back(EndOf(2, 10));
  CheckIsPartial(Attempt({.backup = less}), "the collector says it sent 2 files, and 1 came");
  auto changed = begin;
  changed.push_back(WholeFile("log/1.log", "abc"));
  changed.back().mutable_chunk()->set_data("abd");
  CheckIsPartial(Attempt({.backup = changed}), "log/1.log: bytes have changed on the way");
}

TEST_CASE("a backup that is refused leaves nothing") {
  const Attempt attempt(
      {.backup_end = Error{Code::kResourceExhausted, "a backup to 10.0.0.1:4 has been running"}});
  CHECK(attempt.outcome.exit_code == 1);
  CHECK(attempt.outcome.err == "edgefeedctl: a backup to 10.0.0.1:4 has been running\n");
  CHECK(fs::is_empty(attempt.home.path()));
}

TEST_CASE("a backup that came whole and is damaged is kept, and the damage named") {
  const Attempt attempt({.backup = {Plan(1, 3), WholeFile("meta.db", "abc"), EndOf(1, 3)}});
  CHECK(attempt.outcome.exit_code == 1);
  CHECK(attempt.outcome.out.starts_with((attempt.target() / "meta.db").string() + ": "));
  CHECK(attempt.outcome.out.find(attempt.target().string() + ": 1 file, 3 B, ") !=
        std::string::npos);
  CHECK(attempt.outcome.err.starts_with("edgefeedctl: " + attempt.target().string() + ": damaged"));
  CHECK(fs::exists(attempt.target() / "meta.db"));
  CHECK_FALSE(fs::exists(attempt.partial()));
}

TEST_CASE("verify goes on behind what it does not know") {
  const ScratchDirectory home;
  const std::string other = home.Write("other", "x");
  const fs::path outbox = fs::path(other).parent_path() / "outbox";
  fs::create_directories(outbox);

  const Outcome outcome = RunProgram({"verify", other, outbox.string()});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.out == outbox.string() + ": outbox, 0 files, 0 B, 0 samples: all whole\n");
  CHECK(outcome.err.starts_with("edgefeedctl: " + other + ": neither a history"));
  CHECK(outcome.err.ends_with("edgefeedctl: 1 of 2 paths not whole\n"));
  CHECK(RunProgram({"--json", "verify", outbox.string()}).out ==
        R"({"path":")" + outbox.string() +
            R"(","kind":"outbox","files":0,"bytes":0,"devices":0,"samples":0,"log_entries":0,)"
            R"("rollups":0,"damage":[]})"
            "\n");
}

}  // namespace
}  // namespace edgefeed
