#include "common/ca/party.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "common/base/safe_text.h"
#include "common/model/device.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr std::size_t kMaxHost = 128;  // It becomes part of a file's name.
constexpr std::size_t kMaxLabel = 63;  // RFC 1035

struct KindName {
  PartyKind kind;
  std::string_view name;
};
constexpr std::array<KindName, 5> kKinds{{{PartyKind::kDevice, "device"},
                                          {PartyKind::kCollector, "collector"},
                                          {PartyKind::kViewer, "viewer"},
                                          {PartyKind::kOperator, "operator"},
                                          {PartyKind::kAdmin, "admin"}}};

Error Invalid(const std::string& text, const std::string& why) {
  return {Code::kInvalidArgument, "'" + SafeText(text.substr(0, kMaxHost)) + "' " + why};
}

bool IsAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, [](unsigned char letter) {
           return letter < 0x80 && (std::isalnum(letter) != 0 || letter == '-');
         });
}

bool IsDnsName(std::string_view host) {
  while (true) {
    const auto dot = host.find('.');
    if (!IsLabel(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

Result<Party> MakeCollector(const std::vector<std::string>& hosts) {
  if (hosts.size() > kMaxHosts) {
    return Error{Code::kInvalidArgument,
                 "a collector has at most " + std::to_string(kMaxHosts) + " hosts"};
  }
  for (const std::string& host : hosts) {
    if (host.size() > kMaxHost || (!IsAddress(host) && !IsDnsName(host))) {
      return Invalid(host, "is neither a DNS name of at most 128 letters nor an address");
    }
  }
  return Party{.kind = PartyKind::kCollector, .name = hosts[0], .hosts = hosts};
}

}  // namespace

Result<PartyKind> ParsePartyKind(std::string_view text) {
  const auto* found = std::ranges::find(kKinds, text, &KindName::name);
  if (found != kKinds.end()) return found->kind;
  return Invalid(std::string(text), "is not device, collector, viewer, operator or admin");
}

std::string_view ToString(PartyKind kind) {
  return std::ranges::find(kKinds, kind, &KindName::kind)->name;
}

Result<Party> MakeParty(PartyKind kind, const std::vector<std::string>& names) {
  const std::string word(ToString(kind));
  if (names.empty()) return Error{Code::kInvalidArgument, "the " + word + " needs a name"};
  if (kind == PartyKind::kCollector) return MakeCollector(names);
  if (names.size() > 1) return Invalid(names[1], "is too much: a " + word + " has one name");
  if (Status valid = CheckDeviceName(names[0]); !valid) return valid.error().Wrap(word);
  if (names[0] == "." || names[0] == "..") return Invalid(names[0], "is no name");
  return Party{.kind = kind, .name = names[0], .hosts = {}};
}

CertificateProfile ProfileOf(const Party& party) {
  CertificateProfile profile{.common_name = party.name};
  if (party.kind != PartyKind::kCollector) {
    profile.uris.push_back("edgefeed://" + std::string(ToString(party.kind)) + "/" + party.name);
    return profile;
  }
  profile.purpose = CertificatePurpose::kServer;
  for (const std::string& host : party.hosts) {
    (IsAddress(host) ? profile.addresses : profile.dns_names).push_back(host);
  }
  return profile;
}

std::string Describe(const Party& party) {
  return std::string(ToString(party.kind)) + " " + party.name;
}

}  // namespace edgefeed
