#include "agent/crash/ledger.h"

#include <doctest/doctest.h>

#include "agent/crash/ledger_file.h"
#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST_CASE("a ledger is read back as it was") {
  Ledger ledger;
  ledger.device = {.thousandths = -2500, .at = 7s};
  ledger.signatures["0011223344556677"] = {.thousandths = 1999, .at = 8s};
  ledger.suppressed["0011223344556677"] = {.id = "id1", .began = 9s, .last = 10s, .info = {}};
  ledger.suppressed["0011223344556677"].info.executable = "/bin/two words\n";
  ledger.suppressed["0011223344556677"].info.occurrences = 997;
  ledger.admitted["k1"] = 3;
  ledger.done = {"k2", "k3"};
  ledger.tries["d1"] = {.failures = 7, .interrupted = 2};

  const auto read = DecodeLedger(EncodeLedger(ledger, {"boot", 20s, 15s}));

  REQUIRE(read);
  CHECK(read->mark.boot_id == "boot");
  CHECK(read->mark.time == 20s);
  CHECK(read->mark.since_boot == 15s);
  CHECK(read->ledger.device.thousandths == -2500);
  CHECK(read->ledger.signatures.at("0011223344556677").thousandths == 1999);
  const auto& suppressed = read->ledger.suppressed.at("0011223344556677");
  CHECK(suppressed.id == "id1");
  CHECK(suppressed.info.executable == "/bin/two words\n");
  CHECK(suppressed.info.occurrences == 997);
  CHECK(read->ledger.admitted == ledger.admitted);
  CHECK(read->ledger.done == ledger.done);
  CHECK(read->ledger.tries.at("d1").failures == 7);
  CHECK(read->ledger.tries.at("d1").interrupted == 2);
}

TEST_CASE("each changed byte of a ledger is noticed, and each missing one") {
  Ledger ledger;
  ledger.done = {"k"};
  const std::string bytes = EncodeLedger(ledger, {"b", 1s, 1s});
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(DecodeLedger(changed));
    CHECK_FALSE(DecodeLedger(bytes.substr(0, at)));
  }
}

TEST_CASE("powered time goes on over boots, and steps of the clock are nothing to it") {
  const TempDir dir;
  ManualScheduler scheduler;
  {
    LedgerFile ledger(dir.path() / "ledger", scheduler, "boot-1");
    scheduler.Advance(10s);
    scheduler.clock().StepWall(365 * 24h);
    CHECK(ledger.Now() == 11s);
    REQUIRE(ledger.Save());
    scheduler.Advance(5s);
  }
  const LedgerFile same_boot(dir.path() / "ledger", scheduler, "boot-1");
  CHECK(same_boot.Now() == 16s);
  ManualScheduler rebooted;  // Up for a second.
  const LedgerFile next_boot(dir.path() / "ledger", rebooted, "boot-2");
  CHECK(next_boot.Now() == 12s);
}

TEST_CASE("a damaged ledger is told of, and limits begin anew") {
  const TempDir dir;
  ManualScheduler scheduler;
  REQUIRE(std::filesystem::exists(dir.Write("ledger", "EFCRASHLxxxx")));
  LogCapture log;
  LedgerFile ledger(dir.path() / "ledger", scheduler, "b");
  CHECK(log.Take().size() == 1);
  CHECK(ledger->signatures.empty());
  CHECK(ledger.Save());
}

}  // namespace
}  // namespace edgefeed
