#include "collector/access/caller.h"

namespace edgefeed {

std::string Describe(const Caller& caller) {
  if (caller.proof == Proof::kNotAsked || caller.proof == Proof::kNone) return "somebody";
  std::string text(RoleName(caller.role));
  // A gateway may have a hundred.
  constexpr std::size_t kMostNames = 3;
  for (std::size_t i = 0; i < caller.names.size() && i < kMostNames; ++i) {
    text += (i == 0 ? " '" : ", '") + caller.names[i] + "'";
  }
  if (caller.names.size() > kMostNames) {
    text += " and " + std::to_string(caller.names.size() - kMostNames) + " more";
  }
  return text +
         (caller.proof == Proof::kToken ? " (token)" : " (certificate " + caller.serial + ")");
}

std::string DeviceKey(const Caller& caller) {
  if (caller.proof != Proof::kCertificate || caller.role != Role::kDevice) return {};
  std::string key;
  for (const std::string& name : caller.names) key += name + "\n";  // Which is in no name.
  return key;
}

}  // namespace edgefeed
