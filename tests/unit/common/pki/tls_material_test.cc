#include "common/pki/tls_material.h"

#include <doctest/doctest.h>

#include <fstream>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

using std::filesystem::perms;

struct MaterialFixture {
  MaterialFixture() {
    files = MakeCertificate(dir.path(), "one");
    files.ca = MakeCertificate(dir.path(), "ca").cert;
  }
  static std::string Read(const std::filesystem::path& file) { return *ReadSmallFile(file); }
  static void Write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file) << text;
  }
  [[nodiscard]] std::string WhyNot() const {
    const auto material = ReadTlsMaterial(files);
    return material ? "it is good" : material.error().message;
  }
  TempDir dir;
  TlsFiles files;
};

TEST_CASE_FIXTURE(MaterialFixture, "good files are read as they are, with the time they last") {
  const auto material = ReadTlsMaterial(files);
  REQUIRE(material);
  CHECK(material->pem ==
        TlsPem{.ca = Read(files.ca), .cert = Read(files.cert), .key = Read(files.key)});
  REQUIRE(material->own);
  CHECK(material->own->not_after - material->own->not_before == std::chrono::days(2));
  const auto only_ca = ReadTlsMaterial({.ca = files.ca, .cert = {}, .key = {}});
  REQUIRE(only_ca);
  CHECK_FALSE(only_ca->own);
  CHECK(only_ca->ca);
}

TEST_CASE_FIXTURE(MaterialFixture, "of a chain the first end counts, of authorities the last") {
  RunOpenssl(dir.path(), "x509 -in one.pem -signkey one.key -days 50 -out longer.pem");
  const std::string longer = Read(dir.path() / "longer.pem");
  Write(files.ca, Read(files.cert) + longer);
  Write(files.cert, longer + Read(files.cert));
  const auto material = ReadTlsMaterial(files);
  REQUIRE(material);
  CHECK(material->own->not_after - material->own->not_before == std::chrono::days(2));
  CHECK(material->ca->not_after - material->ca->not_before == std::chrono::days(50));
}

TEST_CASE_FIXTURE(MaterialFixture, "a file cut at any byte is refused") {
  const std::string whole = Read(files.ca) + Read(files.ca);
  const std::size_t first = Read(files.ca).size();
  for (std::size_t bytes = 0; bytes + 1 < whole.size(); bytes += 7) {
    // Whole up to a border; its second certificate may be missing altogether, as in a file of one.
    constexpr std::size_t kBeginLine = 27;
    if (bytes + 1 >= first && bytes < first + kBeginLine) continue;
    CAPTURE(bytes);
    Write(files.ca, whole.substr(0, bytes));
    CHECK_FALSE(ReadTlsMaterial(files));
  }
  Write(files.ca, whole.substr(0, first + 100));
  CHECK(WhyNot() == files.ca.string() + ": certificate 2 of 2 is cut short or damaged");
  Write(files.ca, "");
  CHECK(WhyNot() == files.ca.string() + ": is empty");
}

TEST_CASE_FIXTURE(MaterialFixture, "a key that every user can get at is refused, with the remedy") {
  const perms owner = perms::owner_read | perms::owner_write;
  for (const perms good : {owner, owner | perms::group_read, perms::owner_read}) {
    std::filesystem::permissions(files.key, good);
    CHECK(ReadTlsMaterial(files));
  }
  for (const perms bad : {perms::others_read, perms::others_write}) {
    std::filesystem::permissions(files.key, owner | bad);
    const std::string why = WhyNot();
    CHECK(why.starts_with(files.key.string() + ": its mode 060"));
    CHECK(why.ends_with("chmod o= " + files.key.string()));
  }
}

TEST_CASE_FIXTURE(MaterialFixture, "certificates are good for their time") {
  const auto material = ReadTlsMaterial(files);
  REQUIRE(material);
  const WallTime now = SystemClock().Wall();
  using std::chrono::days;
  CHECK(CheckInTime(files, *material, now));
  const Status late = CheckInTime(files, *material, now + days(3));
  REQUIRE_FALSE(late);
  CHECK(late.error().message == files.cert.string() + ": has expired");
  const Status early = CheckInTime(files, *material, now - days(3));
  REQUIRE_FALSE(early);
  CHECK(early.error().message.starts_with(files.cert.string() + ": is not good yet"));
  const TlsFiles only_ca{.ca = files.ca, .cert = {}, .key = {}};
  const auto authority = ReadTlsMaterial(only_ca);
  REQUIRE(authority);
  CHECK(CheckInTime(only_ca, *authority, now - days(3)));
  CHECK_FALSE(CheckInTime(only_ca, *authority, now + days(3)));
}

}  // namespace
}  // namespace edgefeed
