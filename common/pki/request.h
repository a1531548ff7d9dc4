#pragma once

#include <string>

#include "common/base/result.h"
#include "common/pki/key.h"

namespace edgefeed {

// A certificate request (PKCS #10) for this private key in PEM, which shows that its sender has it.
// It names nobody: who certifies it says whose it is.
Result<std::string> MakeRequest(const Key& key);

}  // namespace edgefeed
