#include "common/pki/crl.h"

#include <doctest/doctest.h>

#include "common/base/file.h"
#include "common/pki/peer_certificate.h"
#include "tests/support/test_authority.h"

namespace edgefeed {
namespace {

using Serials = std::vector<std::string>;

std::string Text(const TestAuthority& authority, const std::string& name) {
  return *ReadSmallFile(authority.file(name));
}

std::string SerialOf(const TestAuthority& authority, const std::string& name) {
  return ReadPeerCertificate(Text(authority, name + ".pem"))->serial;
}

std::string ErrorOf(const std::string& crl, const std::string& ca) {
  const auto serials = RevokedSerials("list.pem", crl, ca);
  return serials ? "" : serials.error().message;
}

TEST_CASE("a list says which serial numbers are revoked, as certificates have them") {
  const TestAuthority authority;
  for (const char* name : {"a", "b"}) {
    static_cast<void>(authority.Issue(name, std::string("URI:edgefeed://device/") + name));
  }
  authority.WriteCrl();
  const std::string ca = Text(authority, "ca.pem");
  CHECK(*RevokedSerials("list.pem", Text(authority, "crl.pem"), ca) == Serials{});
  authority.Revoke("b");
  const std::string list = Text(authority, "crl.pem");
  CHECK(*RevokedSerials("list.pem", list, ca) == Serials{SerialOf(authority, "b")});
  CHECK(*RevokedSerials("list.pem", list + list, ca) == Serials{SerialOf(authority, "b")});
}

TEST_CASE("lists of several authorities may be in one file, each signed by its own") {
  const TestAuthority first;
  const TestAuthority second;
  static_cast<void>(first.Issue("a", "DNS:a"));
  static_cast<void>(second.Issue("b", "DNS:b"));
  first.Revoke("a");
  second.Revoke("b");
  const std::string lists = Text(first, "crl.pem") + Text(second, "crl.pem");
  const std::string both = Text(first, "ca.pem") + Text(second, "ca.pem");
  CHECK(RevokedSerials("list.pem", lists, both)->size() == 2);
  // Both authorities are called CN=ca: it is the key that counts.
  CHECK(ErrorOf(lists, Text(first, "ca.pem")) ==
        "list.pem: list 2 is not signed by an authority of client_ca");
  CHECK(ErrorOf(lists, Text(second, "ca.pem")) ==
        "list.pem: list 1 is not signed by an authority of client_ca");
}

TEST_CASE("what is no list, or half of one, is refused and not taken for an empty one") {
  const TestAuthority authority;
  authority.WriteCrl();
  const std::string ca = Text(authority, "ca.pem");
  const std::string list = Text(authority, "crl.pem");
  const std::string none = "list.pem: holds no PEM certificate revocation list";
  CHECK(ErrorOf("", ca) == none);
  CHECK(ErrorOf(ca, ca) == none);
  CHECK(ErrorOf(list.substr(0, list.size() / 2), ca) == none);
  CHECK(ErrorOf(list + list.substr(0, list.size() / 2), ca) == "list.pem: is damaged after list 1");
  CHECK(ErrorOf(list, "") == "list.pem: list 1 is not signed by an authority of client_ca");
}

}  // namespace
}  // namespace edgefeed
