#include "common/ca/ca_directory.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/base/file.h"
#include "common/pki/crl_writer.h"
#include "common/pki/pem.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

const WallTime kNow = FromUnixMillis(1'800'000'000'000);

// A directory with a CA in it, and room for what it hands out.
class Office {
 public:
  Office() { REQUIRE(CaDirectory::Create(ca_path(), "Test CA", kNow, kNow + days(3650))); }

  [[nodiscard]] fs::path ca_path() const { return dir_.path() / "ca"; }
  [[nodiscard]] fs::path Path(const std::string& name) const { return dir_.path() / name; }
  [[nodiscard]] std::string Read(const std::string& name) const {
    return *ReadSmallFile(dir_.path() / name);
  }
  void Append(const std::string& name, const std::string& text) const {
    std::ofstream(dir_.path() / name, std::ios::app) << text;
  }

  [[nodiscard]] CaDirectory Open(WallTime now = kNow) const {
    auto authority = CaDirectory::Open(ca_path(), now);
    REQUIRE(authority);
    return std::move(*authority);
  }
  [[nodiscard]] Result<IssuedCertificate> Issue(const std::string& name, WallTime now = kNow,
                                                PartyKind kind = PartyKind::kDevice) const {
    const Party party = *MakeParty(kind, {name});
    return Open(now).Issue({.party = party,
                            .not_after = now + days(90),
                            .requested = std::nullopt,
                            .out = Path(DefaultOut(party))},
                           now);
  }
  [[nodiscard]] std::vector<IssuedCertificate> Issued() const {
    const auto contents = ReadCa(ca_path());
    REQUIRE(contents);
    return contents->issued;
  }

 private:
  TempDir dir_;
};

mode_t ModeOf(const fs::path& path) {
  struct stat found{};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

template <typename T>
std::string WhyNot(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().message;
}

TEST_CASE("a CA keeps its key to itself, and is not made over another") {
  const Office office;
  CHECK(ModeOf(office.ca_path()) == 0700);
  CHECK(ModeOf(office.ca_path() / "ca.key") == 0600);
  CHECK(ModeOf(office.ca_path() / "ca.pem") == 0644);
  const std::string key = office.Read("ca/ca.key");
  const Status again = CaDirectory::Create(office.ca_path(), "Other", kNow, kNow + days(1));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::kAlreadyExists);
  CHECK(office.Read("ca/ca.key") == key);
  CHECK(ReadCa(office.ca_path())->name == "Test CA");
}

TEST_CASE("where no CA is, the command that makes one is told") {
  const TempDir dir;
  const fs::path nowhere = dir.path() / "ca";
  const std::string hint =
      ": holds no CA: `edgefeedctl ca init --dir " + nowhere.string() + "` makes one";
  CHECK(WhyNot(CaDirectory::Open(nowhere, kNow)) == nowhere.string() + hint);
  CHECK(WhyNot(ReadCa(nowhere)) == nowhere.string() + hint);
}

TEST_CASE("a key that others may read is not used") {
  const Office office;
  ::chmod((office.ca_path() / "ca.key").c_str(), 0640);
  const auto refused = CaDirectory::Open(office.ca_path(), kNow);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kPermissionDenied);
  CHECK(refused.error().message.ends_with(": chmod 600 " + (office.ca_path() / "ca.key").string()));
}

TEST_CASE("what is issued is handed out whole, and written down") {
  const Office office;
  const auto issued = office.Issue("cam");
  REQUIRE(issued);
  CHECK(ModeOf(office.Path("device-cam")) == 0700);
  CHECK(ModeOf(office.Path("device-cam/agent.key")) == 0600);
  CHECK(CheckKeyPair({}, office.Read("device-cam/agent.pem"), office.Read("device-cam/agent.key")));
  CHECK(office.Read("device-cam/ca.pem") == office.Read("ca/ca.pem"));
  CHECK(office.Read("ca/issued/" + issued->serial + ".pem") == office.Read("device-cam/agent.pem"));
  REQUIRE(office.Issued().size() == 1);
  CHECK(office.Issued()[0].serial == issued->serial);
  CHECK(office.Issued()[0].not_after == kNow + days(90));

  REQUIRE(office.Issue("hub", kNow, PartyKind::kCollector));
  CHECK(office.Read("collector-hub/crl.pem") == office.Read("ca/crl.pem"));
  CHECK(fs::exists(office.Path("collector-hub/collector.key")));
  REQUIRE(office.Issue("alice", kNow, PartyKind::kAdmin));
  CHECK(fs::exists(office.Path("admin-alice/me.key")));
}

TEST_CASE("a party has one good certificate, unless it is renewed") {
  const Office office;
  REQUIRE(office.Issue("cam"));
  fs::remove_all(office.Path("device-cam"));
  const auto second = office.Issue("cam");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kFailedPrecondition);
  CHECK(second.error().message.find("`edgefeedctl ca renew device/cam`") != std::string::npos);
  CHECK(second.error().message.find("`edgefeedctl ca revoke device/cam`") != std::string::npos);
  CHECK_FALSE(fs::exists(office.Path("device-cam")));
  CHECK(office.Issue("cam", kNow, PartyKind::kViewer));  // Somebody else.
  CHECK(office.Issue("cam", kNow + days(91)));           // It has expired.
  REQUIRE(office.Open().Revoke("device/cam", kNow));
  fs::remove_all(office.Path("device-cam"));
  CHECK(office.Issue("cam", kNow + days(91)));
}

TEST_CASE("nothing is issued over files that are there") {
  const Office office;
  fs::create_directory(office.Path("device-cam"));
  office.Append("device-cam/agent.key", "precious");
  CHECK_FALSE(office.Issue("cam"));
  CHECK(office.Read("device-cam/agent.key") == "precious");
  CHECK(office.Issued().empty());
}

TEST_CASE(
    "a certificate that could not be handed out is revoked, and its party may be tried again") {
  const Office office;
  const Party party = *MakeParty(PartyKind::kDevice, {"cam"});
  {
    CaDirectory authority = office.Open();
    fs::remove(office.ca_path() / "issued");  // So that it fails behind the index.
    CHECK_FALSE(authority.Issue({.party = party,
                                 .not_after = kNow + days(90),
                                 .requested = std::nullopt,
                                 .out = office.Path("device-cam")},
                                kNow));
  }
  CHECK_FALSE(fs::exists(office.Path("device-cam")));
  REQUIRE(office.Issued().size() == 1);
  CHECK(office.Issued()[0].revoked);
  fs::create_directory(office.ca_path() / "issued");
  CHECK(office.Issue("cam"));
}

TEST_CASE("a renewed certificate is for the key that is in use, and the old one stays good") {
  const Office office;
  const auto issued = office.Issue("cam");
  REQUIRE(issued);
  const WallTime later = kNow + days(80);
  fs::path out = office.Path("device-cam");
  const auto renewed = office.Open(later).Renew("cam", later, later + days(90), out);
  REQUIRE(renewed);
  CHECK(renewed->serial != issued->serial);
  CHECK(renewed->not_after == later + days(90));
  CHECK(CheckKeyPair({}, office.Read("device-cam/agent.pem"), office.Read("device-cam/agent.key")));
  CHECK(Certificate::FromPem("", office.Read("device-cam/agent.pem"))->Serial() == renewed->serial);
  REQUIRE(office.Issued().size() == 2);
  CHECK(office.Issued()[0].IsGood(later));

  fs::path elsewhere = office.Path("new");
  CHECK(office.Open(later).Renew("cam", later, later + days(90), elsewhere));
  CHECK(fs::exists(elsewhere / "agent.pem"));
}

TEST_CASE("who is revoked is not renewed, but by a certificate that is not") {
  const Office office;
  const auto first = office.Issue("cam");
  fs::path out = office.Path("device-cam");
  const auto second = office.Open().Renew("cam", kNow, kNow + days(90), out);
  REQUIRE(second);
  REQUIRE(office.Open().Revoke(second->serial, kNow));
  CHECK(office.Open().Renew("cam", kNow, kNow + days(90), out));
  REQUIRE(office.Open().Revoke("cam", kNow));
  CHECK(
      WhyNot(office.Open().Renew("cam", kNow, kNow + days(90), out)) ==
      "device cam has no certificate that is not revoked: `edgefeedctl ca issue device cam` makes "
      "a new key and certificate");
}

TEST_CASE("a revocation is in the list at once, and once") {
  const Office office;
  REQUIRE(office.Issue("cam"));
  REQUIRE(office.Issue("door"));
  CHECK(RevocationListNumber(office.Read("ca/crl.pem")) == 1);
  const auto revoked = office.Open().Revoke("cam", kNow);
  REQUIRE(revoked);
  CHECK(revoked->size() == 1);
  CHECK(RevocationListNumber(office.Read("ca/crl.pem")) == 4);
  const auto again = office.Open().Revoke("cam", kNow);
  REQUIRE(again);
  CHECK(again->empty());
  REQUIRE(office.Open().Revoke("door", kNow));
  CHECK(RevocationListNumber(office.Read("ca/crl.pem")) == 5);
}

TEST_CASE("a list that is older than the index, or gone, is written again") {
  const Office office;
  const auto issued = office.Issue("cam");
  office.Append("ca/index", RevokedLine(issued->serial, kNow));  // Killed behind it.
  CHECK(office.Issue("door"));
  CHECK(RevocationListNumber(office.Read("ca/crl.pem")) == 3);
  fs::remove(office.ca_path() / "crl.pem");
  CHECK(office.Issue("gate"));
  CHECK(RevocationListNumber(office.Read("ca/crl.pem")) == 3);
}

TEST_CASE("a line that was cut short does not spoil the next one") {
  const Office office;
  REQUIRE(office.Issue("cam"));
  office.Append("ca/index", "issued 18000");
  CHECK(office.Issued().size() == 1);
  REQUIRE(office.Issue("door"));
  REQUIRE(office.Issued().size() == 2);
  CHECK(office.Issued()[1].party.name == "door");
}

TEST_CASE("a certificate that the index has and no file is passed over by a renewal") {
  const Office office;
  const auto first = office.Issue("cam");
  IssuedCertificate lost = *first;
  lost.serial = std::string(32, '5');
  office.Append("ca/index", IssuedLine(lost));  // Killed behind it.
  fs::path out = office.Path("device-cam");
  REQUIRE(office.Open().Renew("cam", kNow, kNow + days(90), out));
  CHECK(CheckKeyPair({}, office.Read("device-cam/agent.pem"), office.Read("device-cam/agent.key")));
}

TEST_CASE("a damaged index stops what would change it") {
  const Office office;
  office.Append("ca/index", "nonsense\n");
  CHECK(WhyNot(CaDirectory::Open(office.ca_path(), kNow)) ==
        (office.ca_path() / "index").string() + ":2: 'nonsense' is no line of an index");
}

TEST_CASE("who has a key of his own is handed no other") {
  const Office office;
  const auto own = Key::Generate();
  REQUIRE(own);
  auto copy = Key::FromPem("", *own->PrivatePem());
  REQUIRE(office.Open().Issue({.party = *MakeParty(PartyKind::kDevice, {"cam"}),
                               .not_after = kNow + days(1),
                               .requested = std::move(*copy),
                               .out = office.Path("device-cam")},
                              kNow));
  CHECK_FALSE(fs::exists(office.Path("device-cam/agent.key")));
  CHECK(CheckKeyPair({}, office.Read("device-cam/agent.pem"), *own->PrivatePem()));
}

}  // namespace
}  // namespace edgefeed
