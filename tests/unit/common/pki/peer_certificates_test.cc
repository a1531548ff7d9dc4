#include "common/pki/peer_certificates.h"

#include <doctest/doctest.h>

#include <string>

#include "common/base/file.h"
#include "tests/support/test_authority.h"

namespace edgefeed {
namespace {

TEST_CASE("a certificate is read once, until there have been very many; what is none stays none") {
  const TestAuthority authority;
  const auto text = [&](const std::string& name) {
    return *ReadSmallFile(authority.Issue(name, "URI:edgefeed://device/" + name).cert);
  };
  const std::string a = text("a");
  PeerCertificates certificates;
  const auto first = certificates.Read(a);
  REQUIRE(first);
  CHECK((*first)->uris == std::vector<std::string>{"edgefeed://device/a"});
  CHECK(*certificates.Read(a) == *first);
  CHECK((**certificates.Read(text("b"))).uris == std::vector<std::string>{"edgefeed://device/b"});
  CHECK_FALSE(certificates.Read("no certificate"));
  CHECK_FALSE(certificates.Read("no certificate"));

  for (std::size_t i = 0; i < PeerCertificates::kMost; ++i) {
    REQUIRE(certificates.Read(a + std::string(i + 1, '\n')));
  }
  const auto again = certificates.Read(a);
  REQUIRE(again);
  CHECK(*again != *first);
  CHECK((*again)->serial == (*first)->serial);
}

}  // namespace
}  // namespace edgefeed
