#include "agent/crash/rate_limit.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr CrashRates kRates{.per_signature_hourly = 5, .per_device_hourly = 20};

int AdmittedOf(int crashes, const std::string& signature, PoweredTime now, Ledger& ledger) {
  int admitted = 0;
  for (int i = 0; i < crashes; ++i) admitted += AdmitCrash(signature, kRates, now, ledger) ? 1 : 0;
  return admitted;
}

TEST_CASE("a signature has two crashes in hand, and five an hour") {
  Ledger ledger;
  CHECK(AdmittedOf(100, "a", 1min, ledger) == 2);
  CHECK(AdmittedOf(100, "a", 13min, ledger) == 1);  // 12 minutes are a fifth of an hour.
  int admitted = 0;
  for (PoweredTime now = 13min; now <= 13min + 1h; now += 1s) {
    admitted += AdmittedOf(1, "a", now, ledger);
  }
  CHECK(admitted == 5);
}

TEST_CASE("the device's hour is worth twenty, and the first of a signature comes in even then") {
  Ledger ledger;
  int admitted = 0;
  for (int i = 0; i < 15; ++i) admitted += AdmittedOf(2, std::to_string(i), 1min, ledger);
  // Ten signatures use it up with two each; of the others the first.
  CHECK(admitted == 25);
  CHECK(AdmittedOf(1, "new", 1min, ledger) == 1);
  CHECK(AdmittedOf(1, "new", 1min, ledger) == 0);
}

TEST_CASE("signatures that are all new do not come in for ever") {
  Ledger ledger;
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += AdmittedOf(1, std::to_string(i), 1min, ledger);
  CHECK(admitted == 40);
  CHECK(ledger.signatures.size() == 40);
  for (int i = 0; i < 2000; ++i) {
    AdmittedOf(1, "later" + std::to_string(i), 1min + i * 1h, ledger);
  }
  CHECK(ledger.signatures.size() == 256);
}

}  // namespace
}  // namespace edgefeed
