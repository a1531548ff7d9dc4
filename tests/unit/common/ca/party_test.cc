#include "common/ca/party.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

std::string WhyNot(PartyKind kind, const std::vector<std::string>& names) {
  const auto party = MakeParty(kind, names);
  REQUIRE_FALSE(party);
  return party.error().message;
}

TEST_CASE("a party is what Edgefeed's programs find in its certificate") {
  for (const auto* const word : {"device", "viewer", "operator", "admin"}) {
    const auto kind = ParsePartyKind(word);
    REQUIRE(kind);
    const auto party = MakeParty(*kind, {"a.b_c:d-1"});
    REQUIRE(party);
    const CertificateProfile profile = ProfileOf(*party);
    CHECK(profile.uris ==
          std::vector<std::string>{"edgefeed://" + std::string(word) + "/a.b_c:d-1"});
    CHECK(profile.dns_names.empty());
    CHECK(profile.purpose == CertificatePurpose::kClient);
    CHECK(Describe(*party) == std::string(word) + " a.b_c:d-1");
  }
  CHECK_FALSE(ParsePartyKind("robot"));
  CHECK_FALSE(ParsePartyKind(""));
}

TEST_CASE("a collector is all of its hosts, called by the first") {
  const auto party =
      MakeParty(PartyKind::kCollector, {"hub.example", "10.0.0.1", "fd00::1", "hub-2"});
  REQUIRE(party);
  CHECK(party->name == "hub.example");
  const CertificateProfile profile = ProfileOf(*party);
  CHECK(profile.uris.empty());
  CHECK(profile.dns_names == std::vector<std::string>{"hub.example", "hub-2"});
  CHECK(profile.addresses == std::vector<std::string>{"10.0.0.1", "fd00::1"});
  CHECK(profile.purpose == CertificatePurpose::kServer);
}

TEST_CASE("names that could be paths, or say more than one thing, are refused") {
  for (const std::string name : {"", ".", "..", "../x", "a/b", "a b", "a\n", "a,b", "ä"}) {
    CAPTURE(name);
    CHECK_FALSE(MakeParty(PartyKind::kDevice, {name}));
    CHECK_FALSE(MakeParty(PartyKind::kAdmin, {name}));
  }
  CHECK(MakeParty(PartyKind::kDevice, {std::string(128, 'x')}));
  CHECK_FALSE(MakeParty(PartyKind::kDevice, {std::string(129, 'x')}));
  CHECK(WhyNot(PartyKind::kDevice, {"a", "b"}) == "'b' is too much: a device has one name");
  CHECK(WhyNot(PartyKind::kDevice, {}) == "the device needs a name");
}

TEST_CASE("hosts are DNS names or addresses") {
  for (const std::string host : {"", ".", "a..b", "-a", "a-", "a_b", "*.example", "a/b", "../x",
                                 "hub:50051", "[::1]", "a,b", "a b"}) {
    CAPTURE(host);
    CHECK_FALSE(MakeParty(PartyKind::kCollector, {"hub", host}));
    CHECK_FALSE(MakeParty(PartyKind::kCollector, {host}));
  }
  CHECK(MakeParty(PartyKind::kCollector, {std::string(63, 'x')}));
  CHECK_FALSE(MakeParty(PartyKind::kCollector, {std::string(64, 'x')}));
  CHECK(MakeParty(PartyKind::kCollector, std::vector<std::string>(16, "h")));
  CHECK_FALSE(MakeParty(PartyKind::kCollector, std::vector<std::string>(17, "h")));
}

}  // namespace
}  // namespace edgefeed
