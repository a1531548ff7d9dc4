#include "common/tokens/token_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <set>

#include "common/base/file.h"
#include "common/tokens/token_secret.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

const std::string kDigest = ToString(Sha256Of("secret"));

std::string ErrorOf(const TempDir& directory, const std::string& text) {
  const auto tokens = ReadTokenFile(directory.Write("tokens.yaml", text));
  return tokens ? "" : tokens.error().message.substr(directory.path().string().size() + 1);
}

TEST_CASE("what is written is read again, and only owner and group may") {
  const TempDir directory;
  const auto file = directory.path() / "tokens.yaml";
  const std::vector<AccessToken> tokens = {{.name = "kim",
                                            .role = Role::kOperator,
                                            .sha256 = Sha256Of("1"),
                                            .expires = FromUnixMillis(1'800'000'000'000)},
                                           {.name = "ci.bot",
                                            .role = Role::kAdmin,
                                            .sha256 = Sha256Of("2"),
                                            .expires = FromUnixMillis(1'900'000'000'000)}};
  REQUIRE(WriteTokenFile(file, tokens).ok());
  const auto read = ReadTokenFile(file);
  REQUIRE(read);
  CHECK(*read == tokens);
  struct stat found{};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == 0640);
}

TEST_CASE("a file written by hand, and an empty one") {
  const TempDir directory;
  const auto read = ReadTokenFile(
      directory.Write("t.yaml", "tokens:\n  - {name: kim, role: viewer, sha256: " + kDigest +
                                    ", expires: 2027-02-26T10:00:00Z}\n"));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(FormatTime(read->front().expires).starts_with("2027-02-26T10:00:00"));
  CHECK(ReadTokenFile(directory.Write("e.yaml", ""))->empty());
  CHECK_FALSE(ReadTokenFile(directory.path() / "absent.yaml"));
}

TEST_CASE("mistakes are told with their place, and no digest is repeated") {
  const TempDir directory;
  const auto with = [](const std::string& name, const std::string& role, const std::string& sha,
                       const std::string& expires) {
    return "tokens:\n  - {name: " + name + ", role: " + role + ", sha256: " + sha +
           ", expires: " + expires + "}\n";
  };
  const std::string when = "2027-02-26T10:00:00Z";
  CHECK(ErrorOf(directory, with("kim", "root", kDigest, when)) ==
        "tokens.yaml:2:23: tokens[0].role: 'root' is not viewer, operator or admin");
  CHECK(ErrorOf(directory, with("kim", "device", kDigest, when)) != "");
  CHECK(ErrorOf(directory, with("a/b", "viewer", kDigest, when)) != "");
  const std::string cut = ErrorOf(directory, with("kim", "viewer", kDigest.substr(1), when));
  CHECK(cut.find("64 hexadecimal digits") != std::string::npos);
  CHECK(cut.find(kDigest.substr(1)) == std::string::npos);
  for (const char* wrong : {"2027-02-30T10:00:00Z", "2027-02-26", "soon", "2027-02-26T10:00:00",
                            "2027-02-26T10:00:00+01"}) {
    CAPTURE(wrong);
    CHECK(ErrorOf(directory, with("kim", "viewer", kDigest, wrong)).find("a time like") !=
          std::string::npos);
  }
  CHECK(ErrorOf(directory, "tokens:\n  - {name: kim, role: viewer}\n") != "");
  CHECK(ErrorOf(directory, with("kim", "viewer", kDigest, when) +
                               "  - {name: kim, role: viewer, sha256: " + kDigest +
                               ", expires: " + when + "}\n")
            .find("has a token already") != std::string::npos);
}

TEST_CASE("secrets differ, and each is found by its digest only") {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) secrets.insert(*NewTokenSecret());
  CHECK(secrets.size() == 100);
  CHECK(secrets.begin()->size() == 9 + 64);
  const std::vector<AccessToken> tokens = {
      {.name = "a", .role = {}, .sha256 = Sha256Of("x"), .expires = {}},
      {.name = "b", .role = {}, .sha256 = Sha256Of("y"), .expires = {}}};
  CHECK(FindToken(tokens, "y")->name == "b");
  CHECK(FindToken(tokens, "x")->name == "a");
  CHECK(FindToken(tokens, "z") == nullptr);
  CHECK(FindToken(tokens, ToString(Sha256Of("x"))) == nullptr);
}

}  // namespace
}  // namespace edgefeed
