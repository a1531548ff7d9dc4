#include "collector/access/identity.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/model/device.h"

namespace edgefeed {
namespace {

constexpr std::string_view kScheme = "edgefeed://";

struct Identity {
  Role role;
  std::string name;
};

std::optional<Identity> IdentityOf(std::string_view uri) {
  uri.remove_prefix(kScheme.size());
  const auto slash = uri.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto role = RoleFrom(uri.substr(0, slash));
  const std::string_view name = uri.substr(slash + 1);
  if (!role || !CheckDeviceName(name).ok()) return std::nullopt;
  return Identity{.role = *role, .name = std::string(name)};
}

Denial Deny(const PeerCertificate& certificate, const std::string& why) {
  return {AccessRefusal::kCertificate,
          Error{Code::kUnauthenticated, "certificate " + certificate.serial + ": " + why}};
}

}  // namespace

std::variant<Caller, Denial> CallerOf(const PeerCertificate& certificate) {
  Caller caller{.proof = Proof::kCertificate,
                .role = Role::kDevice,
                .names = {},
                .serial = certificate.serial,
                .token = {},
                .expires = certificate.not_after};
  std::size_t people = 0;
  for (const std::string& uri : certificate.uris) {
    if (!uri.starts_with(kScheme)) continue;
    auto identity = IdentityOf(uri);
    if (!identity) {
      return Deny(certificate, "'" + uri.substr(0, 200) +
                                   "' is not edgefeed://device/NAME, viewer, operator or admin");
    }
    if (identity->role != Role::kDevice) {
      ++people;
      caller.role = identity->role;
    }
    caller.names.push_back(std::move(identity->name));
  }
  if (people > 0 && caller.names.size() > 1) {
    return Deny(certificate, "names a person and somebody else");
  }
  if (caller.names.empty()) {
    std::ranges::copy_if(certificate.dns_names, std::back_inserter(caller.names),
                         [](const std::string& name) { return CheckDeviceName(name).ok(); });
  }
  if (caller.names.empty()) {
    return Deny(certificate,
                "names neither a device nor a person (subject alternative name, "
                "URI edgefeed://device/NAME, or DNS)");
  }
  return caller;
}

}  // namespace edgefeed
