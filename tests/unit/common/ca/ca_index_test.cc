#include "common/ca/ca_index.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

const std::string kOne(32, '1');
const std::string kTwo(32, '2');
const std::string kAbc = "ABCDEF0123456789ABCDEF0123456789";
const WallTime kTime = FromUnixMillis(1'700'000'000'000);

IssuedCertificate Issued(const std::string& serial, PartyKind kind,
                         const std::vector<std::string>& names) {
  return {.serial = serial,
          .party = *MakeParty(kind, names),
          .issued = kTime,
          .not_after = kTime + std::chrono::days(90),
          .revoked = std::nullopt};
}

const IssuedCertificate kCam = Issued(kOne, PartyKind::kDevice, {"cam"});
const IssuedCertificate kHub = Issued(kTwo, PartyKind::kCollector, {"hub", "10.0.0.1", "::1"});

std::string Text(const std::string& lines) { return std::string(kCaIndexHeader) + lines; }

CaIndex Parse(const std::string& lines) {
  auto index = ParseCaIndex("index", Text(lines));
  REQUIRE(index);
  return std::move(*index);
}

std::string WhyNot(const std::string& text) {
  const auto index = ParseCaIndex("ca/index", text);
  REQUIRE_FALSE(index);
  CHECK(index.error().code == Code::kDataLoss);
  return index.error().message;
}

TEST_CASE("an index is read as it was written") {
  CHECK(IssuedLine(kHub) ==
        "issued 1700000000 " + kTwo + " collector hub,10.0.0.1,::1 1707776000\n");
  const std::string lines = IssuedLine(kCam) + IssuedLine(kHub) +
                            RevokedLine(kOne, kTime + std::chrono::hours(1)) +
                            IssuedLine(Issued(kAbc, PartyKind::kAdmin, {"cam"}));
  const CaIndex index = Parse(lines);
  REQUIRE(index.certificates.size() == 3);
  CHECK(index.lines == 4);
  CHECK(index.last_revoked_line == 3);
  CHECK(index.whole_bytes == Text(lines).size());
  CHECK(index.certificates[0].party == kCam.party);
  CHECK(index.certificates[0].issued == kCam.issued);
  CHECK(index.certificates[0].not_after == kCam.not_after);
  CHECK(index.certificates[0].revoked == kTime + std::chrono::hours(1));
  CHECK(index.certificates[1].party == kHub.party);
  CHECK_FALSE(index.certificates[1].revoked);
  CHECK(Parse("").certificates.empty());
}

TEST_CASE(
    "tokens are unused until their time is over, they are ended, or a certificate is issued") {
  IssuedToken token;
  token.id = "0123abcd";
  token.secret = Sha256Of("secret");
  token.device = "cam";
  token.made = kTime;
  token.expires = kTime + std::chrono::hours(24);
  CHECK(TokenLine(token) ==
        "token 1700000000 0123abcd " + ToString(Sha256Of("secret")) + " device cam 1700086400\n");
  const CaIndex unused = Parse(TokenLine(token));
  REQUIRE(unused.tokens.size() == 1);
  CHECK(unused.tokens[0].device == "cam");
  CHECK(unused.tokens[0].secret == Sha256Of("secret"));
  CHECK(unused.tokens[0].IsUnused(token.expires - std::chrono::seconds(1)));
  CHECK_FALSE(unused.tokens[0].IsUnused(token.expires));
  const CaIndex ended = Parse(TokenLine(token) + EndedLine(token.id, kTime));
  CHECK_FALSE(ended.tokens[0].IsUnused(kTime));
  const CaIndex used =
      Parse(TokenLine(token) + EnrolledLine(kCam, token.id, Sha256Of("key")) + IssuedLine(kHub));
  CHECK_FALSE(used.tokens[0].IsUnused(kTime));
  CHECK(used.tokens[0].serial == kOne);
  CHECK(used.tokens[0].key == Sha256Of("key"));
  REQUIRE(used.certificates.size() == 2);
  CHECK(used.certificates[0].party == kCam.party);
  CHECK(used.certificates[0].not_after == kCam.not_after);
  CHECK(used.last_revoked_line == 0);
}

TEST_CASE("damaged lines about tokens are named") {
  const std::string digest = ToString(Sha256Of("x"));
  const std::string token = "token 1 0123abcd " + digest + " device cam 2\n";
  const std::string enrolled = "enrolled 1 " + kOne + " device cam 2 0123abcd " + digest + "\n";
  CHECK(Parse(token + enrolled).tokens.size() == 1);
  const std::vector<std::string> damaged = {
      "token 1 0123ABCD " + digest + " device cam 2\n",
      "token 1 0123abc " + digest + " device cam 2\n",
      "token 1 0123abce " + digest.substr(2) + " device cam 2\n",
      "token 1 0123abce " + digest + " admin cam 2\n",
      "token 1 0123abce " + digest + " device ../cam 2\n",
      "token 1 0123abce " + digest + " device cam x\n",
      token,  // A second one with this id.
      "ended 1 0123abce\n",
      "ended x 0123abcd\n",
      "enrolled 1 " + kOne + " device cam 2 0123abce " + digest + "\n",
      "enrolled 1 " + kOne + " viewer cam 2 0123abcd " + digest + "\n",
      "enrolled 1 " + kOne + " device cam 2 0123abcd " + digest.substr(1) + "\n"};
  for (const std::string& bad : damaged) {
    CAPTURE(bad);
    CHECK(WhyNot(Text(token + bad)).starts_with("ca/index:3: '"));
  }
  CHECK(WhyNot(Text(token + enrolled + enrolled)).starts_with("ca/index:4: '"));
}

TEST_CASE("a certificate is good until it expires or is revoked") {
  IssuedCertificate one = kCam;
  CHECK(one.IsGood(kTime));
  CHECK(one.IsGood(one.not_after - std::chrono::seconds(1)));
  CHECK_FALSE(one.IsGood(one.not_after));
  one.revoked = kTime;
  CHECK_FALSE(one.IsGood(kTime));
}

TEST_CASE("a line that was cut short anywhere is none, and those before it are whole") {
  const std::string first = Text(IssuedLine(kCam));
  const std::string text = first + RevokedLine(kOne, kTime);
  for (std::size_t size = first.size(); size < text.size(); ++size) {
    CAPTURE(size);
    const auto index = ParseCaIndex("index", text.substr(0, size));
    REQUIRE(index);
    CHECK(index->certificates.size() == 1);
    CHECK_FALSE(index->certificates[0].revoked);
    CHECK(index->whole_bytes == first.size());
  }
}

TEST_CASE("damage is named with its line") {
  CHECK(
      WhyNot("") ==
      "ca/index:1: is not 'edgefeed-ca 1', the first line of an index that this program can read");
  CHECK(WhyNot("edgefeed-ca 2\n").starts_with("ca/index:1: "));
  const std::string good = IssuedLine(kCam);
  const std::vector<std::string> damaged = {"\n",
                                            "gone\n",
                                            "issued 1\n",
                                            "issued x " + kOne + " device cam 2\n",
                                            "issued 1 " + kOne + " robot cam 2\n",
                                            "issued 1 " + kOne + " device ../cam 2\n",
                                            "issued 1 " + kOne + " device cam x\n",
                                            "issued 1 " + kOne + " device a,b 2\n",
                                            "issued 1 ../" + kOne.substr(3) + " device cam 2\n",
                                            "issued 1 1234 device cam 2\n",
                                            "revoked 1 " + kTwo + "\n",
                                            "revoked x " + kOne + "\n",
                                            "revoked 1 " + kOne + " more\n"};
  for (const std::string& bad : damaged) {
    CAPTURE(bad);
    CHECK(WhyNot(Text(good + bad + good)).starts_with("ca/index:3: '"));
  }
}

TEST_CASE("a certificate is found by name, by kind and name, and by serial number") {
  const CaIndex index = Parse(IssuedLine(kCam) + IssuedLine(kHub) +
                              IssuedLine(Issued(kAbc, PartyKind::kDevice, {"cam"})));
  for (const auto* const which : {"cam", "device/cam"}) {
    const auto found = FindIssued(index, which);
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK((*found)[1].serial == kAbc);
  }
  const auto by_serial = FindIssued(index, "abcdef0123456789abcdef0123456789");
  REQUIRE(by_serial);
  REQUIRE(by_serial->size() == 1);
  CHECK((*by_serial)[0].serial == kAbc);
  CHECK(FindIssued(index, "hub")->size() == 1);
  for (const auto* const which : {"", "ca", "cam-2", "viewer/cam", "11111111", "10.0.0.1"}) {
    const auto none = FindIssued(index, which);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Code::kNotFound);
  }
}

TEST_CASE("a name of two kinds is asked back") {
  const CaIndex index =
      Parse(IssuedLine(kCam) + IssuedLine(Issued(kTwo, PartyKind::kViewer, {"cam"})));
  const auto both = FindIssued(index, "cam");
  REQUIRE_FALSE(both);
  CHECK(both.error().message == "'cam' is a device and a viewer: say device/cam or viewer/cam");
  CHECK(FindIssued(index, "viewer/cam")->at(0).serial == kTwo);
}

}  // namespace
}  // namespace edgefeed
