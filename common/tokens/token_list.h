#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/digest/sha256.h"
#include "common/model/role.h"

namespace edgefeed {

// Who shows a secret with this digest is this person, until then. The secret itself is nowhere.
struct AccessToken {
  std::string name;
  Role role = Role::kViewer;
  Sha256Digest sha256{};
  WallTime expires;
  friend bool operator==(const AccessToken&, const AccessToken&) = default;
};

// The token of this secret, expired or not; null: there is none. How long it takes does not depend
// on how much of a digest is right. Valid as long as the list.
const AccessToken* FindToken(const std::vector<AccessToken>& tokens, std::string_view secret);

}  // namespace edgefeed
