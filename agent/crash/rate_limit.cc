#include "agent/crash/rate_limit.h"

#include <algorithm>

namespace edgefeed {
namespace {

constexpr std::int64_t kOne = 1000;  // An allowance counts thousandths.
constexpr std::int64_t kBurst = 2;
constexpr std::size_t kMaxRemembered = 256;
constexpr std::int64_t kHourMs = std::int64_t{60} * 60 * 1000;

void Refill(Ledger::Allowance& allowance, std::int64_t hourly, std::int64_t most, PoweredTime now) {
  const std::int64_t gained = (now - allowance.at).count() * hourly * kOne / kHourMs;
  allowance.thousandths += gained;
  // The time that did not make a whole thousandth counts the next time.
  allowance.at += PoweredTime(gained * kHourMs / (hourly * kOne));
  if (allowance.thousandths >= most * kOne) allowance = {most * kOne, now};
}

// A signature without crashes for long is as good as a new one.
void ForgetOldest(Ledger& ledger) {
  const auto oldest = std::ranges::min_element(ledger.signatures, {},
                                               [](const auto& one) { return one.second.at; });
  ledger.signatures.erase(oldest);
}

}  // namespace

bool AdmitCrash(const std::string& signature, const CrashRates& rates, PoweredTime now,
                Ledger& ledger) {
  const std::int64_t device_most = rates.per_device_hourly;
  const std::int64_t most = std::min<std::int64_t>(kBurst, rates.per_signature_hourly);
  // The first ever finds an hour's worth.
  if (ledger.device.at == PoweredTime(0)) ledger.device = {device_most * kOne, now};
  Refill(ledger.device, rates.per_device_hourly, device_most, now);

  const auto known = ledger.signatures.find(signature);
  if (known == ledger.signatures.end()) {
    if (ledger.device.thousandths - kOne < -device_most * kOne) return false;
    if (ledger.signatures.size() >= kMaxRemembered) ForgetOldest(ledger);
    ledger.signatures[signature] = {(most - 1) * kOne, now};
  } else {
    Refill(known->second, rates.per_signature_hourly, most, now);
    if (known->second.thousandths < kOne || ledger.device.thousandths < kOne) return false;
    known->second.thousandths -= kOne;
  }
  ledger.device.thousandths -= kOne;
  return true;
}

}  // namespace edgefeed
