#include "collector/access/policy.h"

#include <algorithm>
#include <utility>

#include "collector/access/identity.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

constexpr std::string_view kBearer = "Bearer ";

bool AsksNobody(const PortPolicy& policy) { return !policy.certificates && !policy.tokens; }

Denial Unauthenticated(AccessRefusal reason, std::string why) {
  return {reason, Error{Code::kUnauthenticated, std::move(why)}};
}

Denial Forbidden(AccessRefusal reason, std::string why) {
  return {reason, Error{Code::kPermissionDenied, std::move(why)}};
}

std::variant<Caller, Denial> ByToken(std::string_view authorization, const AccessLists& lists,
                                     WallTime now) {
  if (!authorization.starts_with(kBearer)) {
    return Unauthenticated(AccessRefusal::kToken, "authorization is not 'Bearer TOKEN'");
  }
  const AccessToken* token = FindToken(lists.tokens, authorization.substr(kBearer.size()));
  if (token == nullptr) {
    return Unauthenticated(AccessRefusal::kToken, "the token is not known to this collector");
  }
  Caller caller{.proof = Proof::kToken,
                .role = token->role,
                .names = {token->name},
                .serial = {},
                .token = token->sha256,
                .expires = token->expires};
  if (auto denial = CheckProof(caller, lists, now)) return *std::move(denial);
  return caller;
}

std::optional<Denial> CheckPort(const Caller& caller, const MethodRule& rule,
                                const PortPolicy& policy) {
  const bool is_proven = caller.proof == Proof::kCertificate || caller.proof == Proof::kToken;
  const bool is_person = is_proven && caller.role != Role::kDevice;
  if (policy.port == Port::kDevices && (is_person || rule.device == DeviceMay::kNo)) {
    return Forbidden(AccessRefusal::kPort, std::string(rule.name) +
                                               ": this port is for devices; operators are served "
                                               "at " +
                                               policy.other);
  }
  if (policy.port == Port::kOperators && ((is_proven && !is_person) || !rule.least)) {
    return Forbidden(AccessRefusal::kPort, std::string(rule.name) +
                                               ": this port is for operators; devices are served "
                                               "at " +
                                               policy.other);
  }
  return std::nullopt;
}

std::optional<Denial> CheckUnproven(const MethodRule& rule, const PortPolicy& policy) {
  const bool is_open_to_devices = policy.port != Port::kOperators && !policy.certificates;
  if (rule.device == DeviceMay::kUnknown && policy.port == Port::kEnrolment) return std::nullopt;
  if (rule.device == DeviceMay::kAsItself && is_open_to_devices) return std::nullopt;
  std::string wanted = policy.certificates ? "a client certificate" : "";
  if (policy.tokens) wanted += wanted.empty() ? "a token" : " or a token";
  return Unauthenticated(AccessRefusal::kNoIdentity, std::string(rule.name) + " wants " + wanted);
}

}  // namespace

std::variant<Caller, Denial> Identify(const Credentials& shown, const PortPolicy& policy,
                                      const AccessLists& lists, WallTime now,
                                      PeerCertificates& certificates) {
  if (!shown.certificate.empty()) {
    const auto read = certificates.Read(shown.certificate);
    if (!read) return Unauthenticated(AccessRefusal::kCertificate, read.error().message);
    const PeerCertificate& certificate = **read;
    auto caller = CallerOf(certificate);
    // A revoked one is no better for naming nobody.
    if (auto denial = CheckProof({.proof = Proof::kCertificate,
                                  .role = Role::kDevice,
                                  .names = {},
                                  .serial = certificate.serial,
                                  .token = {},
                                  .expires = certificate.not_after},
                                 lists, now)) {
      return *std::move(denial);
    }
    if (std::holds_alternative<Caller>(caller) || shown.authorization.empty()) return caller;
  }
  if (!shown.authorization.empty() && policy.tokens) {
    return ByToken(shown.authorization, lists, now);
  }
  if (AsksNobody(policy)) return Caller{.proof = Proof::kNotAsked};
  if (!shown.authorization.empty()) {
    return Unauthenticated(AccessRefusal::kToken,
                           "this collector knows no tokens (operators.tokens)");
  }
  return Caller{};
}

std::optional<Denial> CheckCall(const Caller& caller, Method method, const PortPolicy& policy) {
  const MethodRule& rule = RuleOf(method);
  if (auto denial = CheckPort(caller, rule, policy)) return denial;
  if (caller.proof == Proof::kNotAsked) return std::nullopt;
  if (caller.proof == Proof::kNone) return CheckUnproven(rule, policy);
  const bool may = caller.role == Role::kDevice ? rule.device != DeviceMay::kNo
                                                : rule.least && caller.role >= *rule.least;
  if (may) return std::nullopt;
  const std::string wanted = rule.least ? "the role " + std::string(RoleName(*rule.least)) +
                                              (*rule.least == Role::kAdmin ? "" : " or more")
                                        : "a device";
  return Forbidden(AccessRefusal::kRole, Describe(caller) + " may not call " +
                                             std::string(rule.name) + ", which wants " + wanted);
}

std::optional<Denial> CheckDevice(const Caller& caller, std::string_view device) {
  const std::string asked =
      device.empty() ? "for all devices" : "as device '" + std::string(device.substr(0, 128)) + "'";
  if (caller.proof == Proof::kNone && device.empty()) {
    return Unauthenticated(AccessRefusal::kNoIdentity,
                           "who shows neither certificate nor token may not act " + asked);
  }
  if (caller.proof != Proof::kCertificate || caller.role != Role::kDevice) return std::nullopt;
  if (std::ranges::find(caller.names, device) != caller.names.end()) return std::nullopt;
  return Forbidden(AccessRefusal::kName, Describe(caller) + " may not act " + asked);
}

std::optional<Denial> CheckProof(const Caller& caller, const AccessLists& lists, WallTime now) {
  const bool is_over = caller.expires && now >= *caller.expires;
  const std::string ended = is_over ? " expired at " + FormatTime(*caller.expires) : "";
  if (caller.proof == Proof::kCertificate) {
    if (std::ranges::binary_search(lists.revoked, caller.serial)) {
      return Unauthenticated(AccessRefusal::kRevoked,
                             "certificate " + caller.serial + " is revoked");
    }
    if (is_over) {
      return Unauthenticated(AccessRefusal::kExpired, "certificate " + caller.serial + ended);
    }
  }
  if (caller.proof == Proof::kToken) {
    const std::string whose = "the token of '" + caller.names.front() + "'";
    const bool is_known = std::ranges::any_of(lists.tokens, [&](const AccessToken& token) {
      return token.sha256 == caller.token && token.role == caller.role;
    });
    if (!is_known) return Unauthenticated(AccessRefusal::kToken, whose + " is no longer valid");
    if (is_over) return Unauthenticated(AccessRefusal::kTokenExpired, whose + ended);
  }
  return std::nullopt;
}

}  // namespace edgefeed
