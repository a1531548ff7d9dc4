#include "agent/enrol/identity_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "agent/enrol/board_files.h"
#include "common/base/file.h"
#include "common/pki/issuer.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

const WallTime kNow = FromUnixMillis(1'800'000'000'000);

struct Board {
  TempDir dir;
  IdentityFiles files{{.ca = dir.path() / "ca.pem",
                       .cert = dir.path() / "agent.pem",
                       .key = dir.path() / "agent.key"},
                      dir.path() / "agent.yaml"};
  Issuer issuer = *Issuer::Create("CA", kNow, kNow + days(3650));

  [[nodiscard]] Key KeyFor(const std::string& token) const {
    auto key = files.KeyToEnrol(token);
    REQUIRE(key);
    return std::move(*key);
  }
  [[nodiscard]] std::string Certify(const Key& key) const {
    const auto certificate = issuer.Issue({.common_name = "cam", .uris = {"edgefeed://device/cam"}},
                                          key, kNow, kNow + days(90));
    return *certificate->Pem();
  }
  void TakeOver(const Key& key, const std::string& token) const {
    REQUIRE(files.TakeOver(*issuer.certificate().Pem(), Certify(key),
                           {.collector = "hub:50053", .token_id = token}));
  }
  [[nodiscard]] mode_t ModeOf(const std::string& name) const {
    struct stat found{};
    REQUIRE(::stat((dir.path() / name).c_str(), &found) == 0);
    return found.st_mode & 0777;
  }
};

bool Same(const Key& one, const Key& other) { return *one.PublicDer() == *other.PublicDer(); }

TEST_CASE("a key waits on disk until its certificate comes, and is the same until then") {
  const Board board;
  const Key key = board.KeyFor("00000001");
  CHECK(Same(key, board.KeyFor("00000001")));
  CHECK_FALSE(fs::exists(board.files.tls().key));
  CHECK_FALSE(board.files.ReadNote());
  board.TakeOver(key, "00000001");
  CHECK(Same(*ReadKey(board.files.tls().key), key));
  CHECK(BelongTogether(*ReadCertificate(board.files.tls().cert), key));
  CHECK(board.files.ReadNote()->collector == "hub:50053");
  CHECK((board.ModeOf("agent.key") & 0137) == 0);
  CHECK(board.ModeOf("agent.pem") == 0644);
  CHECK(board.ModeOf("ca.pem") == 0644);
  // The same token means the same key, as the collector knows it; another one a new key.
  CHECK(Same(key, board.KeyFor("00000001")));
  CHECK_FALSE(Same(key, board.KeyFor("00000002")));
  CHECK(Same(*ReadKey(board.files.tls().key), key));
}

TEST_CASE("who was killed when the key was in its place goes on with it") {
  const Board board;
  const Key key = board.KeyFor("00000001");
  REQUIRE(WriteBoardFile(board.dir.path() / "agent.enrolment", "hub:1\n00000001\n",
                         FileAccess::kEverybody));
  REQUIRE(MoveBoardFile(board.files.tls().key.string() + ".enrol", board.files.tls().key,
                        FileAccess::kAgent));
  CHECK(Same(key, board.KeyFor("00000001")));
}

TEST_CASE("a file is replaced as a whole, whoever may write beside it") {
  const TempDir dir;
  const fs::path file = dir.path() / "agent.pem";
  fs::create_symlink("/etc/passwd", file.string() + ".tmp");
  REQUIRE(WriteBoardFile(file, "text", FileAccess::kEverybody));
  CHECK(*ReadSmallFile(file) == "text");
  CHECK_FALSE(fs::is_symlink(file));
  CHECK_FALSE(fs::exists(fs::symlink_status(file.string() + ".tmp")));
  CHECK_FALSE(WriteBoardFile(dir.path() / "none" / "x", "text", FileAccess::kAgent));
}

}  // namespace
}  // namespace edgefeed
