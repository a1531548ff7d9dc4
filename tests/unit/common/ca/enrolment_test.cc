#include "common/ca/enrolment.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "common/base/file.h"
#include "common/pki/peer_certificate.h"
#include "common/pki/request.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

const WallTime kNow = FromUnixMillis(1'800'000'000'000);

class Office {
 public:
  Office() { REQUIRE(CaDirectory::Create(path(), "Test CA", kNow, kNow + days(3650))); }

  [[nodiscard]] fs::path path() const { return dir_.path() / "ca"; }
  [[nodiscard]] CaDirectory Open() const {
    auto authority = CaDirectory::Open(path(), kNow);
    REQUIRE(authority);
    return std::move(*authority);
  }
  [[nodiscard]] EnrolToken Token(const std::string& device = "cam", WallTime now = kNow) const {
    auto authority = Open();
    const auto token = MakeEnrolToken(authority, device, now, now + hours(24));
    REQUIRE(token);
    return *token;
  }
  // Each time as another process would.
  [[nodiscard]] EnrolOutcome Enrol(const EnrolToken& token, const Key& key, WallTime now = kNow,
                                   const std::string& device = "cam") const {
    auto authority = Open();
    return edgefeed::Enrol(authority, token, device, key, now, now + days(90));
  }
  [[nodiscard]] EnrolOutcome Renew(const std::string& serial, const Key& key, WallTime now = kNow,
                                   const std::string& name = "cam") const {
    auto authority = Open();
    return RenewEnrolled(authority, {.serial = serial, .names = {"other", name}}, key, now,
                         now + days(90));
  }
  void Revoke(const std::string& which) const { REQUIRE(Open().Revoke(which, kNow)); }
  [[nodiscard]] std::string Index() const { return *ReadSmallFile(path() / "index"); }
  void SetIndex(const std::string& text) const { std::ofstream(path() / "index") << text; }

 private:
  TempDir dir_;
};

Key NewKey() {
  auto key = Key::Generate();
  REQUIRE(key);
  return std::move(*key);
}

Enrolled Got(const EnrolOutcome& outcome) {
  if (const auto* denial = std::get_if<EnrolDenial>(&outcome)) FAIL(denial->error.message);
  return std::get<Enrolled>(outcome);
}

EnrolDenial Denied(const EnrolOutcome& outcome) {
  REQUIRE(std::holds_alternative<EnrolDenial>(outcome));
  return std::get<EnrolDenial>(outcome);
}

bool BelongTogether(const std::string& certificate_pem, const Key& key) {
  const auto certificate = Certificate::FromPem("x", certificate_pem);
  REQUIRE(certificate);
  return *certificate->PublicKey()->PublicDer() == *key.PublicDer();
}

TEST_CASE("a board gets the certificate of its name for its key, once") {
  const Office office;
  const EnrolToken token = office.Token();
  const Key key = NewKey();
  const Enrolled got = Got(office.Enrol(token, key));
  CHECK(got.device == "cam");
  CHECK_FALSE(got.again);
  CHECK(got.not_after == kNow + days(90));
  CHECK(BelongTogether(got.certificate_pem, key));
  const auto names = ReadPeerCertificate(got.certificate_pem);
  REQUIRE(names);
  CHECK(names->uris == std::vector<std::string>{"edgefeed://device/cam"});
  const auto certificate = Certificate::FromPem("x", got.certificate_pem);
  CHECK(certificate->IsIssuedBy(office.Open().certificate()));
  CHECK(token.authority == *office.Open().certificate().Sha256());

  const EnrolDenial replayed = Denied(office.Enrol(token, NewKey()));
  CHECK(replayed.reason == EnrolRefusal::kTokenUsed);
  CHECK(ReadCa(office.path())->issued.size() == 1);
  CHECK(office.Index().find(token.secret) == std::string::npos);
}

TEST_CASE("an answer that was lost is given again to the same key, while the token lives") {
  const Office office;
  const EnrolToken token = office.Token();
  const Key key = NewKey();
  const Enrolled first = Got(office.Enrol(token, key));
  const Enrolled again = Got(office.Enrol(token, key, kNow + hours(24) - seconds(1)));
  CHECK(again.again);
  CHECK(again.certificate_pem == first.certificate_pem);
  CHECK(ReadCa(office.path())->issued.size() == 1);
  CHECK(Denied(office.Enrol(token, key, kNow + hours(24))).reason == EnrolRefusal::kExpired);
  office.Revoke("cam");
  CHECK(Denied(office.Enrol(token, key)).reason == EnrolRefusal::kRevoked);
}

TEST_CASE("what is wrong with a token is told to who has its secret, and to nobody else") {
  const Office office;
  const EnrolToken token = office.Token();
  EnrolToken guess = token;
  guess.secret.back() = guess.secret.back() == '0' ? '1' : '0';
  const Key key = NewKey();
  for (const std::string device : {"cam", "other"}) {
    const EnrolDenial denial = Denied(office.Enrol(guess, key, kNow, device));
    CHECK(denial.reason == EnrolRefusal::kToken);
    CHECK(denial.error.message.find("cam") == std::string::npos);
  }
  guess = token;
  guess.id = token.id == "00000000" ? "00000001" : "00000000";
  CHECK(Denied(office.Enrol(guess, key)).reason == EnrolRefusal::kToken);
  CHECK(Denied(office.Enrol(token, key, kNow, "other")).reason == EnrolRefusal::kName);
  CHECK(Denied(office.Enrol(token, key, kNow + hours(24))).reason == EnrolRefusal::kExpired);
  CHECK(ReadCa(office.path())->issued.empty());
  Got(office.Enrol(token, key));
}

TEST_CASE("a token ends when it is taken back, or when the device gets another") {
  const Office office;
  const EnrolToken first = office.Token();
  const EnrolToken second = office.Token();
  const EnrolToken others = office.Token("other");
  CHECK(Denied(office.Enrol(first, NewKey())).reason == EnrolRefusal::kExpired);
  auto authority = office.Open();
  CHECK(EndEnrolTokens(authority, "ca", kNow)->empty());
  for (const auto* const which : {"cam", "cam"}) {
    const auto ended = EndEnrolTokens(authority, which, kNow);
    REQUIRE(ended);
    CHECK(ended->size() <= 1);
  }
  CHECK(EndEnrolTokens(authority, others.id, kNow)->size() == 1);
  CHECK_FALSE(MakeEnrolToken(authority, "../cam", kNow, kNow + hours(1)));
}

TEST_CASE("a device with a good certificate gets no token, and no second certificate by one") {
  const Office office;
  const EnrolToken token = office.Token();
  const Key key = NewKey();
  REQUIRE(office.Open().Issue({.party = *MakeParty(PartyKind::kDevice, {"cam"}),
                               .not_after = kNow + days(90),
                               .requested = std::nullopt,
                               .out = office.path() / "out"},
                              kNow));
  CHECK(Denied(office.Enrol(token, key)).reason == EnrolRefusal::kHasCertificate);
  auto authority = office.Open();
  CHECK_FALSE(MakeEnrolToken(authority, "cam", kNow, kNow + hours(1)));
  REQUIRE(authority.Revoke("cam", kNow));
  Got(edgefeed::Enrol(authority, token, "cam", key, kNow, kNow + days(90)));
}

TEST_CASE("a line that was cut short anywhere leaves the token unused, and the board enrols") {
  const Office office;
  const EnrolToken token = office.Token();
  const std::string before = office.Index();
  const Key key = NewKey();
  Got(office.Enrol(token, key));
  const std::string after = office.Index();
  for (std::size_t size = before.size(); size < after.size(); ++size) {
    CAPTURE(size);
    office.SetIndex(after.substr(0, size));
    const Enrolled got = Got(office.Enrol(token, key));
    CHECK_FALSE(got.again);
    CHECK(Denied(office.Enrol(token, NewKey())).reason == EnrolRefusal::kTokenUsed);
  }
}

TEST_CASE("a device renews its own certificate, and gets the same again if the answer was lost") {
  const Office office;
  const EnrolToken token = office.Token();
  const Key key = NewKey();
  const Enrolled first = Got(office.Enrol(token, key));
  const WallTime later = kNow + days(61);
  const Enrolled second = Got(office.Renew(first.serial, key, later));
  CHECK(second.serial != first.serial);
  CHECK(second.not_after == later + days(90));
  CHECK(BelongTogether(second.certificate_pem, key));
  const Enrolled again = Got(office.Renew(first.serial, key, later + hours(1)));
  CHECK(again.again);
  CHECK(again.certificate_pem == second.certificate_pem);
  const Key other = NewKey();
  const Enrolled third = Got(office.Renew(first.serial, other, later + hours(1)));
  CHECK_FALSE(third.again);
  CHECK(BelongTogether(third.certificate_pem, other));
  CHECK_FALSE(Got(office.Renew(second.serial, key, later + hours(2))).again);
}

TEST_CASE("who may not renew is told why") {
  const Office office;
  const EnrolToken token = office.Token();
  const Key key = NewKey();
  const Enrolled first = Got(office.Enrol(token, key));
  CHECK(Denied(office.Renew(std::string(32, 'A'), key)).reason == EnrolRefusal::kName);
  CHECK(Denied(office.Renew(first.serial, key, kNow, "cam-2")).reason == EnrolRefusal::kName);
  const auto person = office.Open().Issue({.party = *MakeParty(PartyKind::kAdmin, {"cam"}),
                                           .not_after = kNow + days(90),
                                           .requested = std::nullopt,
                                           .out = office.path() / "out"},
                                          kNow);
  REQUIRE(person);
  CHECK(Denied(office.Renew(person->serial, key)).reason == EnrolRefusal::kName);
  CHECK(Denied(office.Renew(first.serial, key, kNow + days(90))).reason == EnrolRefusal::kExpired);
  office.Revoke(first.serial);
  CHECK(Denied(office.Renew(first.serial, key)).reason == EnrolRefusal::kRevoked);
}

TEST_CASE("a device cannot fill the CA by renewing") {
  const Office office;
  const EnrolToken token = office.Token();
  const std::string first = Got(office.Enrol(token, NewKey())).serial;
  std::string serial = first;
  for (std::size_t i = 1; i < kMostGoodCertificates; ++i) {
    serial = Got(office.Renew(serial, NewKey())).serial;
  }
  const Key key = NewKey();
  CHECK(Denied(office.Renew(serial, key)).reason == EnrolRefusal::kHasCertificate);
  office.Revoke(first);
  Got(office.Renew(serial, key));
}

TEST_CASE("another process that has the CA is not waited for, if one has no time") {
  const Office office;
  const CaDirectory mine = office.Open();
  const auto busy = CaDirectory::Open(office.path(), kNow, Turn::kNow);
  REQUIRE_FALSE(busy);
  CHECK(busy.error().code == Code::kAborted);
}

TEST_CASE("a request is for its key, and names nobody") {
  const Key key = NewKey();
  const auto request = MakeRequest(key);
  REQUIRE(request);
  const auto taken = Key::FromRequest("csr", *request);
  REQUIRE(taken);
  CHECK(*taken->PublicDer() == *key.PublicDer());
  CHECK_FALSE(taken->PrivatePem());
}

}  // namespace
}  // namespace edgefeed
