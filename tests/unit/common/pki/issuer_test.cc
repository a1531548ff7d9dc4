#include "common/pki/issuer.h"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "common/base/file.h"
#include "common/pki/crl_writer.h"
#include "common/pki/pem.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

// What the authority makes, read by the openssl command.
namespace edgefeed {
namespace {

using doctest::Contains;

const WallTime kNow = std::chrono::floor<std::chrono::seconds>(SystemClock().Wall());

doctest::String Text(const std::string& text) { return {text.c_str()}; }

Issuer MakeIssuer() {
  auto issuer = Issuer::Create("Test CA", kNow, kNow + std::chrono::days(30));
  REQUIRE(issuer);
  return std::move(*issuer);
}

Key MakeKey() {
  auto key = Key::Generate();
  REQUIRE(key);
  return std::move(*key);
}

CertificateProfile Device() {
  return {.common_name = "cam-01",
          .uris = {"edgefeed://device/cam-01"},
          .dns_names = {},
          .addresses = {},
          .purpose = CertificatePurpose::kClient};
}

CertificateProfile Server() {
  return {.common_name = "hub",
          .uris = {},
          .dns_names = {"hub.example", "localhost"},
          .addresses = {"10.0.0.1", "fd00::1"},
          .purpose = CertificatePurpose::kServer};
}

// Files of an authority in a directory, and what openssl says of them.
class Desk {
 public:
  void Write(const std::string& name, const Result<std::string>& pem) const {
    REQUIRE(pem);
    static_cast<void>(dir_.Write(name, *pem));
  }
  std::string Openssl(const std::string& arguments) const {
    RunOpenssl(dir_.path(), arguments + " >out.txt");
    return *ReadSmallFile(dir_.path() / "out.txt");
  }
  // "OK", or why not. A failed verification is no failure of the test.
  std::string Verify(const std::string& arguments) const {
    RunOpenssl(dir_.path(),
               "verify -x509_strict -CAfile ca.pem " + arguments + " >out.txt 2>&1 || true");
    return *ReadSmallFile(dir_.path() / "out.txt");
  }
  [[nodiscard]] const std::filesystem::path& path() const { return dir_.path(); }

 private:
  TempDir dir_;
};

TEST_CASE("an authority is one by its extensions, and cannot make others") {
  const Desk desk;
  const Issuer issuer = MakeIssuer();
  desk.Write("ca.pem", issuer.certificate().Pem());
  const std::string text = desk.Openssl("x509 -in ca.pem -noout -text");
  CHECK(Text(text) == Contains("X509v3 Basic Constraints: critical\n                CA:TRUE, "
                               "pathlen:0"));
  CHECK(Text(text) ==
        Contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign"));
  CHECK(Text(text) == Contains("NIST CURVE: P-256"));
  CHECK(issuer.certificate().CommonName() == "Test CA");
  CHECK(issuer.certificate().NotAfter() == kNow + std::chrono::days(30));
}

TEST_CASE("a device's certificate is for clients, names the device and belongs to its key") {
  const Desk desk;
  const Issuer issuer = MakeIssuer();
  const Key key = MakeKey();
  const auto certificate = issuer.Issue(Device(), key, kNow, kNow + std::chrono::days(7));
  REQUIRE(certificate);
  desk.Write("ca.pem", issuer.certificate().Pem());
  desk.Write("device.pem", certificate->Pem());

  const std::string text = desk.Openssl("x509 -in device.pem -noout -text");
  CHECK(Text(text) == Contains("URI:edgefeed://device/cam-01"));
  CHECK(Text(text) == Contains("CA:FALSE"));
  CHECK(Text(text) == Contains("X509v3 Key Usage: critical\n                Digital Signature\n"));
  CHECK(Text(text) ==
        Contains("X509v3 Extended Key Usage: \n                TLS Web Client Authentication\n"));
  CHECK(Text(text) == Contains("X509v3 Authority Key Identifier"));
  CHECK(Text(desk.Verify("-purpose sslclient device.pem")) == "device.pem: OK\n");
  CHECK(Text(desk.Verify("-purpose sslserver device.pem")) == Contains("unsuitable certificate"));

  const TlsFiles files{.ca = {}, .cert = "device.pem", .key = "device.key"};
  CHECK(CheckKeyPair(files, *certificate->Pem(), *key.PrivatePem()));
  CHECK_FALSE(CheckKeyPair(files, *certificate->Pem(), *MakeKey().PrivatePem()));
}

TEST_CASE("a server's certificate is for its names and addresses, and for no clients") {
  const Desk desk;
  const Issuer issuer = MakeIssuer();
  const auto certificate = issuer.Issue(Server(), MakeKey(), kNow, kNow + std::chrono::days(7));
  REQUIRE(certificate);
  desk.Write("ca.pem", issuer.certificate().Pem());
  desk.Write("hub.pem", certificate->Pem());
  CHECK(desk.Verify("-purpose sslserver -verify_hostname localhost hub.pem") == "hub.pem: OK\n");
  CHECK(desk.Verify("-verify_hostname hub.example hub.pem") == "hub.pem: OK\n");
  CHECK(desk.Verify("-verify_ip 10.0.0.1 hub.pem") == "hub.pem: OK\n");
  CHECK(desk.Verify("-verify_ip fd00::1 hub.pem") == "hub.pem: OK\n");
  CHECK(Text(desk.Verify("-verify_hostname hub hub.pem")) == Contains("hostname mismatch"));
  CHECK(Text(desk.Verify("-verify_ip 10.0.0.2 hub.pem")) == Contains("IP address mismatch"));
  CHECK(Text(desk.Verify("-purpose sslclient hub.pem")) == Contains("unsuitable certificate"));
}

TEST_CASE("a certificate is good from five minutes ago, and does not outlive its authority") {
  const Issuer issuer = MakeIssuer();
  const auto certificate = issuer.Issue(Device(), MakeKey(), kNow, kNow + std::chrono::days(365));
  REQUIRE(certificate);
  const auto lives = CertificateLives(*certificate->Pem());
  REQUIRE(lives.size() == 1);
  CHECK(lives[0].not_before == kNow - std::chrono::minutes(5));
  CHECK(lives[0].not_after == kNow + std::chrono::days(30));
  CHECK(certificate->NotAfter() == lives[0].not_after);

  const auto late =
      issuer.Issue(Device(), MakeKey(), kNow + std::chrono::days(30), kNow + std::chrono::days(60));
  REQUIRE_FALSE(late);
  CHECK(late.error().message == "authority 'Test CA' has expired itself");
}

TEST_CASE("what ends after 2049 is written as X.509 wants it") {
  const Desk desk;
  const WallTime far = WallTime(std::chrono::sys_days(std::chrono::year(2061) / 5 / 6));
  const auto issuer = Issuer::Create("Far CA", kNow, far);
  REQUIRE(issuer);
  CHECK(issuer->certificate().NotAfter() == far);
  desk.Write("ca.pem", issuer->certificate().Pem());
  CHECK(desk.Openssl("x509 -in ca.pem -noout -enddate") == "notAfter=May  6 00:00:00 2061 GMT\n");
}

TEST_CASE("serial numbers are 32 digits of chance") {
  const Issuer issuer = MakeIssuer();
  const Key key = MakeKey();
  std::set<std::string> serials;
  for (int i = 0; i < 200; ++i) {
    const auto certificate = issuer.Issue(Device(), key, kNow, kNow + std::chrono::days(1));
    REQUIRE(certificate);
    const std::string serial = certificate->Serial();
    CHECK(serial.size() == 32);
    CHECK(serial[0] >= '4');
    CHECK(serial[0] <= '7');
    serials.insert(serial);
  }
  CHECK(serials.size() == 200);
}

TEST_CASE("a name that is no address or too long a common name does no harm") {
  const Desk desk;
  const Issuer issuer = MakeIssuer();
  CertificateProfile wrong = Server();
  wrong.addresses = {"not an address"};
  CHECK_FALSE(issuer.Issue(wrong, MakeKey(), kNow, kNow + std::chrono::days(1)));

  CertificateProfile lengthy = Device();
  lengthy.common_name = std::string(128, 'n');
  lengthy.uris = {"edgefeed://device/" + lengthy.common_name};
  const auto certificate = issuer.Issue(lengthy, MakeKey(), kNow, kNow + std::chrono::days(1));
  REQUIRE(certificate);
  CHECK(certificate->CommonName() == std::string(64, 'n'));
  desk.Write("long.pem", certificate->Pem());
  CHECK(Text(desk.Openssl("x509 -in long.pem -noout -ext subjectAltName")) ==
        Contains(("URI:" + lengthy.uris[0]).c_str()));
}

TEST_CASE("an authority is put together again from its certificate and key only") {
  const Issuer issuer = MakeIssuer();
  const auto again = Issuer::FromPair(*Certificate::FromPem("ca.pem", *issuer.certificate().Pem()),
                                      *Key::FromPem("ca.key", *issuer.key().PrivatePem()));
  REQUIRE(again);
  CHECK(again->Issue(Device(), MakeKey(), kNow, kNow + std::chrono::days(1)));

  const auto wrong_key =
      Issuer::FromPair(*Certificate::FromPem("ca.pem", *issuer.certificate().Pem()), MakeKey());
  REQUIRE_FALSE(wrong_key);
  CHECK(wrong_key.error().message == "the private key is not that of the certificate");

  Key key = MakeKey();
  auto leaf = issuer.Issue(Device(), key, kNow, kNow + std::chrono::days(1));
  const auto no_authority = Issuer::FromPair(std::move(*leaf), std::move(key));
  REQUIRE_FALSE(no_authority);
  CHECK(no_authority.error().message == "the certificate is not that of an authority");
}

TEST_CASE("a revocation list has those who are revoked, and openssl believes it") {
  const Desk desk;
  const Issuer issuer = MakeIssuer();
  const auto good = issuer.Issue(Device(), MakeKey(), kNow, kNow + std::chrono::days(1));
  const auto bad = issuer.Issue(Device(), MakeKey(), kNow, kNow + std::chrono::days(1));
  desk.Write("ca.pem", issuer.certificate().Pem());
  desk.Write("good.pem", good->Pem());
  desk.Write("bad.pem", bad->Pem());
  const std::string check = "-CRLfile crl.pem -crl_check ";

  desk.Write("crl.pem", WriteRevocationList(issuer, {}, 1, kNow));
  CHECK(desk.Verify(check + "good.pem bad.pem") == "good.pem: OK\nbad.pem: OK\n");

  const auto list = WriteRevocationList(issuer, {{bad->Serial(), kNow}}, 7, kNow);
  desk.Write("crl.pem", list);
  CHECK(desk.Verify(check + "good.pem") == "good.pem: OK\n");
  CHECK(Text(desk.Verify(check + "bad.pem")) == Contains("certificate revoked"));
  CHECK(RevocationListNumber(*list) == 7);
  CHECK(RevocationListNumber("no list") == 0);
  const std::string text = desk.Openssl("crl -in crl.pem -noout -text");
  CHECK(Text(text) == Contains("X509v3 CRL Number: \n                7\n"));
  CHECK(Text(text) == Contains("X509v3 Authority Key Identifier"));
  CHECK_FALSE(WriteRevocationList(issuer, {{"no digits", kNow}}, 8, kNow));
}

TEST_CASE("of a request only the key is taken, which its sender must have") {
  const Desk desk;
  RunOpenssl(desk.path(),
             "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout board.key "
             "-out board.csr -subj /CN=evil -addext subjectAltName=URI:edgefeed://admin/evil");
  const std::string request = *ReadSmallFile(desk.path() / "board.csr");
  const auto key = Key::FromRequest("board.csr", request);
  REQUIRE(key);
  CHECK_FALSE(key->PrivatePem());
  const Issuer issuer = MakeIssuer();
  const auto certificate = issuer.Issue(Device(), *key, kNow, kNow + std::chrono::days(1));
  REQUIRE(certificate);
  desk.Write("board.pem", certificate->Pem());
  const std::string text = desk.Openssl("x509 -in board.pem -noout -text");
  CHECK(Text(text) == Contains("edgefeed://device/cam-01"));
  CHECK_FALSE(Text(text) == Contains("evil"));
  CHECK(CheckKeyPair({}, *certificate->Pem(), *ReadSmallFile(desk.path() / "board.key")));

  // The signature is another.
  RunOpenssl(desk.path(), "req -in board.csr -outform DER -out board.der");
  std::string der = *ReadSmallFile(desk.path() / "board.der");
  der[der.size() - 1] = static_cast<char>(der[der.size() - 1] ^ 1);
  std::ofstream(desk.path() / "forged.der", std::ios::binary) << der;
  RunOpenssl(desk.path(), "req -inform DER -in forged.der -out forged.csr");
  const auto forged = Key::FromRequest("forged.csr", *ReadSmallFile(desk.path() / "forged.csr"));
  REQUIRE_FALSE(forged);
  CHECK(forged.error().message == "forged.csr: was not signed by the key that it is for");
}

TEST_CASE("weak keys and what is no request are refused, naming the file") {
  const Desk desk;
  RunOpenssl(desk.path(),
             "req -new -newkey rsa:1024 -nodes -keyout weak.key -out weak.csr -subj /");
  const auto weak = Key::FromRequest("weak.csr", *ReadSmallFile(desk.path() / "weak.csr"));
  REQUIRE_FALSE(weak);
  CHECK(weak.error().message ==
        "weak.csr: its key is not P-256, P-384, or RSA of 2048 to 8192 bits");
  for (const std::string text : {"", "no PEM", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"}) {
    const auto none = Key::FromRequest("x.csr", text);
    REQUIRE_FALSE(none);
    CHECK(none.error() == Error{Code::kInvalidArgument, "x.csr: holds no PEM certificate request"});
    CHECK_FALSE(Key::FromPem("x.key", text));
    CHECK_FALSE(Certificate::FromPem("x.pem", text));
  }
}

}  // namespace
}  // namespace edgefeed
