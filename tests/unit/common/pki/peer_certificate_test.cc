#include "common/pki/peer_certificate.h"

#include <doctest/doctest.h>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "tests/support/test_authority.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

TEST_CASE("a certificate's names, serial number and end are read") {
  const TestAuthority authority;
  const TlsFiles files = authority.Issue(
      "a", "URI:edgefeed://device/a,DNS:a.example,IP:127.0.0.1,URI:https://x/,DNS:b.example");
  const auto read = ReadPeerCertificate(*ReadSmallFile(files.cert));
  REQUIRE(read);
  CHECK(read->uris == Names{"edgefeed://device/a", "https://x/"});
  CHECK(read->dns_names == Names{"a.example", "b.example"});
  CHECK(read->serial.size() >= 16);
  CHECK(read->serial.size() % 2 == 0);
  CHECK(read->serial.find_first_not_of("0123456789abcdef") == std::string::npos);
  const auto left = read->not_after - SystemClock().Wall();
  CHECK(left > 47h);
  CHECK(left <= 48h);
}

TEST_CASE("a certificate without names has none, and what is none is refused") {
  const TestAuthority authority;
  const auto read = ReadPeerCertificate(*ReadSmallFile(authority.file("ca.pem")));
  REQUIRE(read);
  CHECK(read->uris.empty());
  CHECK(read->dns_names.empty());
  CHECK_FALSE(ReadPeerCertificate(""));
  CHECK_FALSE(
      ReadPeerCertificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}

TEST_CASE("a name that hides its end behind a zero byte is left out") {
  const TestAuthority authority;
  // The DER of [6] "edgefeed://device/a\0.b" and [2] "a".
  const TlsFiles files = authority.Issue(
      "a",
      "DER:30:1b:86:16:65:64:67:65:66:65:65:64:3a:2f:2f:64:65:76:69:63:65:2f:61:00:2e:62:82:01:61");
  const auto read = ReadPeerCertificate(*ReadSmallFile(files.cert));
  REQUIRE(read);
  CHECK(read->uris.empty());
  CHECK(read->dns_names == Names{"a"});
}

}  // namespace
}  // namespace edgefeed
