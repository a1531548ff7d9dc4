#pragma once

#include <cstdint>
#include <string>

#include "agent/crash/ledger.h"

namespace edgefeed {

struct CrashRates {
  std::uint32_t per_signature_hourly = 5;
  std::uint32_t per_device_hourly = 20;
};

// Whether a crash of this signature is kept, and not only counted. Charged at once, whatever
// becomes of it: what fails costs as much as what does not. A signature has two in hand, the device
// an hour's worth. The first crash of a signature is kept although the device has had its hour's
// worth, until it has had that twice.
bool AdmitCrash(const std::string& signature, const CrashRates& rates, PoweredTime now,
                Ledger& ledger);

}  // namespace edgefeed
