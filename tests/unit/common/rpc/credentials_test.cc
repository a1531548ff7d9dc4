#include "common/rpc/credentials.h"

#include <doctest/doctest.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

Error WhyNot(const TlsFiles& files) {
  const auto client = ClientCredentials(files);
  REQUIRE_FALSE(client);
  return client.error();
}

TEST_CASE("without files there are plaintext credentials") {
  CHECK(ServerCredentials(nullptr, ClientCertificates::kNone) != nullptr);
  const auto client = ClientCredentials(std::nullopt);
  REQUIRE(client);
  CHECK(*client != nullptr);
}

TEST_CASE("good files make credentials, with and without client certificates") {
  const TempDir dir;
  TlsFiles files = MakeCertificate(dir.path(), "one");
  files.ca = files.cert;
  CHECK(ClientCredentials(files));
  CHECK(ClientCredentials(TlsFiles{.ca = files.ca, .cert = {}, .key = {}}));
}

TEST_CASE("a missing file is named") {
  const TempDir dir;
  const TlsFiles good = MakeCertificate(dir.path(), "one");
  const std::string missing = (dir.path() / "missing").string();
  const Error expected{Code::kNotFound, missing + ": No such file or directory"};
  CHECK(WhyNot({.ca = missing, .cert = good.cert, .key = good.key}) == expected);
  CHECK(WhyNot({.ca = {}, .cert = missing, .key = good.key}) == expected);
  CHECK(WhyNot({.ca = {}, .cert = good.cert, .key = missing}) == expected);
}

TEST_CASE("a file that is not PEM is named") {
  const TempDir dir;
  const TlsFiles good = MakeCertificate(dir.path(), "one");
  const std::string junk = (dir.path() / "junk").string();
  std::ofstream(junk) << "junk";
  std::filesystem::permissions(junk, std::filesystem::perms::owner_read);
  const Error no_certificate{Code::kInvalidArgument, junk + ": holds no PEM certificate"};
  CHECK(WhyNot({.ca = junk, .cert = good.cert, .key = good.key}) == no_certificate);
  CHECK(WhyNot({.ca = {}, .cert = junk, .key = good.key}) == no_certificate);
  CHECK(WhyNot({.ca = {}, .cert = good.cert, .key = junk}).message ==
        junk + ": holds no PEM private key without passphrase");
}

TEST_CASE("a key of another certificate is named") {
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");
  const TlsFiles other = MakeCertificate(dir.path(), "other");
  CHECK(WhyNot({.ca = {}, .cert = one.cert, .key = other.key}).message ==
        other.key.string() + ": is not the private key of " + one.cert.string());
}

TEST_CASE("a key that may not be read is named") {
  if (::geteuid() == 0) {
    MESSAGE("SKIPPED: root may read every file");
    return;
  }
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");
  std::filesystem::permissions(one.key, std::filesystem::perms::none);
  CHECK(WhyNot(one) == Error{Code::kPermissionDenied, one.key.string() + ": Permission denied"});
}

}  // namespace
}  // namespace edgefeed
