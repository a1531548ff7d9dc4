#include "common/pki/pem.h"

#include <doctest/doctest.h>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

std::string Read(const std::filesystem::path& file) { return *ReadSmallFile(file); }

Error WhyNot(const Status& status) {
  REQUIRE_FALSE(status);
  return status.error();
}

TEST_CASE("a certificate in PEM is recognised, also behind other text") {
  const TempDir dir;
  const TlsFiles files = MakeCertificate(dir.path(), "one");
  const std::string pem = Read(files.cert);
  CHECK(CheckCertificates("ca.pem", pem));
  CHECK(CheckCertificates("ca.pem", "# my own\n" + pem + pem));
}

TEST_CASE("what holds no certificate is refused, naming the file") {
  const TempDir dir;
  const TlsFiles files = MakeCertificate(dir.path(), "one");
  const std::string pem = Read(files.cert);
  const Error expected{Code::kInvalidArgument, "ca.pem: holds no PEM certificate"};
  CHECK(WhyNot(CheckCertificates("ca.pem", "")) == expected);
  CHECK(WhyNot(CheckCertificates("ca.pem", "not PEM")) == expected);
  CHECK(WhyNot(CheckCertificates("ca.pem", Read(files.key))) == expected);
  CHECK(WhyNot(CheckCertificates("ca.pem", pem.substr(0, pem.size() / 2))) == expected);
  CHECK(WhyNot(CheckCertificates("ca.pem", std::string(1000, '\0'))) == expected);
}

TEST_CASE("a key belongs to its certificate or is refused, naming both files") {
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");
  const TlsFiles other = MakeCertificate(dir.path(), "other");

  CHECK(CheckKeyPair(one, Read(one.cert), Read(one.key)));
  CHECK(WhyNot(CheckKeyPair(one, Read(one.cert), Read(other.key))) ==
        Error{Code::kInvalidArgument,
              one.key.string() + ": is not the private key of " + one.cert.string()});
}

TEST_CASE("certificate and key in each other's place are told apart") {
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");
  CHECK(WhyNot(CheckKeyPair(one, Read(one.key), Read(one.cert))).message ==
        one.cert.string() + ": holds no PEM certificate");
  CHECK(WhyNot(CheckKeyPair(one, Read(one.cert), Read(one.cert))).message ==
        one.key.string() + ": holds no PEM private key without passphrase");
}

TEST_CASE("a key with a passphrase is refused without asking for it") {
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");
  RunOpenssl(dir.path(), "ec -in one.key -aes128 -passout pass:secret -out locked.key");
  CHECK(WhyNot(CheckKeyPair(one, Read(one.cert), Read(dir.path() / "locked.key"))).message ==
        one.key.string() + ": holds no PEM private key without passphrase");
}

TEST_CASE("how long each certificate of a file is good") {
  const TempDir dir;
  const TlsFiles one = MakeCertificate(dir.path(), "one");  // For two days, from now on.
  RunOpenssl(dir.path(), "x509 -in one.pem -signkey one.key -days 5 -out longer.pem");
  const auto lives =
      CertificateLives("# mine\n" + Read(one.cert) + "\n" + Read(dir.path() / "longer.pem"));
  REQUIRE(lives.size() == 2);
  CHECK(lives[0].not_after - lives[0].not_before == std::chrono::days(2));
  CHECK(lives[1].not_after - lives[1].not_before == std::chrono::days(5));
  const WallTime now = SystemClock().Wall();
  CHECK(lives[0].not_before <= now);
  CHECK(now - lives[0].not_before < std::chrono::minutes(5));
  CHECK(CertificateLives("no certificate").empty());
}

}  // namespace
}  // namespace edgefeed
