#include "collector/access/access.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/base/file.h"
#include "common/tokens/token_file.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/test_authority.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const CallAtDoor kFeed{.method = Method::kLiveFeed, .address = "10.0.0.9:1"};

// Certificates are of the real present: the clock goes there.
struct Rig {
  Rig() { strand.clock().StepWall(SystemClock().Wall() - strand.WallNow()); }

  void Open() {
    AccessFiles files({{.crl = authority.file("crl.pem"), .ca = authority.file("ca.pem")}},
                      directory.path() / "tokens.yaml", ReadTokenFile);
    auto lists = files.Load();
    REQUIRE(lists);
    access = std::make_unique<Access>(
        Access::Parts{.strand = strand, .clock = strand.clock(), .stats = stats}, std::move(files),
        *std::move(lists), directory.path() / "audit.log");
    access->Start();
  }
  void WriteTokens(const std::vector<AccessToken>& tokens) const {
    REQUIRE(WriteTokenFile(directory.path() / "tokens.yaml", tokens).ok());
  }
  Result<Caller> Enter(const Credentials& shown, const CallAtDoor& call = kFeed) {
    return access->Enter(shown, policy, call, "x");
  }
  std::string Audit() const {
    const auto text = ReadSmallFile(directory.path() / "audit.log");
    return text ? *text : "";
  }
  std::uint64_t refused(AccessRefusal why) const {
    return stats.access_refused[static_cast<std::size_t>(why)];
  }

  TempDir directory;
  TestAuthority authority;
  ManualScheduler strand;
  CollectorStats stats;
  LogCapture log;
  PortPolicy policy{.port = Port::kShared, .certificates = true, .tokens = true};
  std::unique_ptr<Access> access;
};

AccessToken Kim(WallTime expires) {
  return {.name = "kim", .role = Role::kOperator, .sha256 = Sha256Of("s"), .expires = expires};
}

TEST_CASE("who is refused is counted and written down; who may do harm is written down") {
  Rig rig;
  rig.authority.WriteCrl();
  rig.WriteTokens({Kim(rig.strand.WallNow() + 1h)});
  rig.Open();
  const std::string a = *ReadSmallFile(rig.authority.Issue("a", "URI:edgefeed://device/a").cert);

  const auto device = rig.Enter({a, ""});
  REQUIRE(device);
  CHECK(rig.access->ActAs(*device, kFeed, "a").ok());
  CHECK_FALSE(rig.access->ActAs(*device, kFeed, "b").ok());
  CHECK_FALSE(rig.Enter({}));
  CHECK_FALSE(rig.Enter({{}, "Bearer hunter2"}));
  const CallAtDoor download{.method = Method::kDownloadDump, .address = "10.0.0.7:2"};
  CHECK(rig.Enter({{}, "Bearer s"}, download));
  CHECK_FALSE(rig.Enter({a, ""}, download));
  CHECK(rig.refused(AccessRefusal::kName) == 1);
  CHECK(rig.refused(AccessRefusal::kNoIdentity) == 1);
  CHECK(rig.refused(AccessRefusal::kToken) == 1);
  CHECK(rig.refused(AccessRefusal::kRole) == 1);

  rig.strand.RunUntilIdle();
  const std::string audit = rig.Audit();
  CHECK(audit.find(R"("reason":"name","who":"device 'a')") != std::string::npos);
  CHECK(audit.find(R"("object":"b")") != std::string::npos);
  CHECK(audit.find(R"("event":"call","who":"operator 'kim' (token)","address":"10.0.0.7:2",)"
                   R"("method":"dumps.DumpService/DownloadDump","object":"x")") !=
        std::string::npos);
  CHECK(audit.find("hunter2") == std::string::npos);
}

TEST_CASE(
    "a running call ends within 10 s of its certificate's revocation, and is not begun again") {
  Rig rig;
  rig.authority.WriteCrl();
  rig.WriteTokens({});
  rig.Open();
  const std::string a = *ReadSmallFile(rig.authority.Issue("a", "DNS:a").cert);
  const std::string b = *ReadSmallFile(rig.authority.Issue("b", "DNS:b").cert);
  std::vector<std::string> ended;
  const auto watch = [&](const std::string& certificate) {
    return rig.access->Watch(*rig.Enter({certificate, ""}), kFeed,
                             [&](const Error& why) { ended.push_back(why.message); });
  };
  const auto first = watch(a);
  const auto second = watch(b);
  rig.strand.Advance(1min);
  CHECK(ended.empty());

  rig.authority.Revoke("a");
  rig.strand.Advance(10s);
  REQUIRE(ended.size() == 1);
  CHECK(ended.front().ends_with("is revoked"));
  CHECK(rig.stats.access_calls_ended == 1);
  rig.strand.Advance(1min);
  CHECK(ended.size() == 1);
  const auto again = rig.Enter({a, ""});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::kUnauthenticated);
  CHECK(rig.Enter({b, ""}));
  CHECK(rig.Audit().find(R"("event":"call_ended")") != std::string::npos);

  // What ends by itself is not ended again when its certificate's time is over.
  rig.strand.clock().StepWall(47h);
  rig.strand.Advance(10s);
  CHECK(ended.size() == 1);
  rig.strand.clock().StepWall(1h);
  rig.strand.Advance(10s);
  REQUIRE(ended.size() == 2);
  CHECK(ended.back().find("expired at") != std::string::npos);
}

TEST_CASE("a call that is over is forgotten") {
  Rig rig;
  rig.authority.WriteCrl();
  rig.WriteTokens({Kim(rig.strand.WallNow() + 1h)});
  rig.Open();
  int ended = 0;
  auto entry = rig.access->Watch(
      *rig.Enter({{}, "Bearer s"}, {.method = Method::kWatchAlerts, .address = {}}), kFeed,
      [&](const Error&) { ++ended; });
  REQUIRE(entry != nullptr);
  rig.strand.Advance(10s);
  entry.reset();
  rig.WriteTokens({});
  rig.strand.Advance(10s);
  CHECK(ended == 0);
  // Who has shown nothing has nothing that could be taken away.
  CHECK(rig.access->Watch(Caller{}, kFeed, [](const Error&) {}) == nullptr);
}

TEST_CASE("a list that is broken, or gone, changes nothing but a line in the log, once") {
  Rig rig;
  rig.authority.WriteCrl();
  static_cast<void>(rig.authority.Issue("a", "DNS:a"));
  rig.authority.Revoke("a");
  rig.WriteTokens({Kim(rig.strand.WallNow() + 24h)});
  rig.Open();
  const std::string a = *ReadSmallFile(rig.authority.file("a.pem"));
  static_cast<void>(rig.log.Take());

  const std::string list = *ReadSmallFile(rig.authority.file("crl.pem"));
  REQUIRE(ReplaceFile(rig.authority.file("crl.pem"), list.substr(0, 100)).ok());
  std::filesystem::remove(rig.directory.path() / "tokens.yaml");
  rig.strand.Advance(1min);
  const auto lines = rig.log.Take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("crl.pem") != std::string::npos);
  CHECK(lines[0].ends_with("what it said before holds: 1 revoked certificates"));
  CHECK(lines[1].find("tokens.yaml") != std::string::npos);
  CHECK_FALSE(rig.Enter({a, ""}));
  CHECK(rig.Enter({{}, "Bearer s"}, {.method = Method::kListDumps, .address = {}}));

  rig.WriteTokens({});
  REQUIRE(ReplaceFile(rig.authority.file("crl.pem"), list).ok());
  rig.strand.Advance(10s);
  CHECK_FALSE(rig.Enter({{}, "Bearer s"}, {.method = Method::kListDumps, .address = {}}));
}

TEST_CASE("at the start everything must be right") {
  const TestAuthority authority;
  const auto error_of = [&](std::vector<CrlSource> crls, const std::filesystem::path& tokens) {
    const auto lists = AccessFiles(std::move(crls), tokens, ReadTokenFile).Load();
    return lists ? "" : lists.error().message;
  };
  const auto missing = authority.file("absent");
  CHECK(error_of({{missing, authority.file("ca.pem")}}, "")
            .starts_with("tls.crl: " + missing.string()));
  CHECK(error_of({}, missing).starts_with("operators.tokens: " + missing.string()));
  CHECK(error_of({}, "") == "");
}

}  // namespace
}  // namespace edgefeed
