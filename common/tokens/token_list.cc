#include "common/tokens/token_list.h"

#include <openssl/crypto.h>

namespace edgefeed {

const AccessToken* FindToken(const std::vector<AccessToken>& tokens, std::string_view secret) {
  const Sha256Digest digest = Sha256Of(secret);
  const AccessToken* found = nullptr;
  for (const AccessToken& token : tokens) {
    if (CRYPTO_memcmp(token.sha256.data(), digest.data(), digest.size()) == 0) found = &token;
  }
  return found;
}

}  // namespace edgefeed
