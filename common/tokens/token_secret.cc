#include "common/tokens/token_secret.h"

#include <openssl/rand.h>

#include <array>

#include "common/digest/sha256.h"

namespace edgefeed {

Result<std::string> NewTokenSecret() {
  std::array<unsigned char, 32> random{};
  if (RAND_priv_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return Error{Code::kInternal, "the system gives no random numbers for a token"};
  }
  return "edgefeed_" + HexText({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace edgefeed
