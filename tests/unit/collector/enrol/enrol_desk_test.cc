#include "collector/enrol/enrol_desk.h"

#include <doctest/doctest.h>

#include <optional>

#include "common/base/file.h"
#include "common/pki/request.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A desk whose time and turns are the test's.
class Rig {
 public:
  Rig() {
    const WallTime now = scheduler.WallNow();
    REQUIRE(CaDirectory::Create(path(), "Test CA", now, now + hours(24 * 365)));
    auto opened = EnrolDesk::Open(scheduler, path());
    REQUIRE(opened);
    desk = *std::move(opened);
  }

  [[nodiscard]] std::filesystem::path path() const { return dir_.path() / "ca"; }
  [[nodiscard]] CaDirectory Authority() {
    auto authority = CaDirectory::Open(path(), scheduler.WallNow());
    REQUIRE(authority);
    return std::move(*authority);
  }
  [[nodiscard]] std::string Token(const std::string& device) {
    auto authority = Authority();
    const WallTime now = scheduler.WallNow();
    const auto token = MakeEnrolToken(authority, device, now, now + hours(24));
    REQUIRE(token);
    return ToString(*token);
  }
  void Ask(const std::string& token, const std::string& device, std::string csr = {},
           const std::string& address = "10.0.0.1:4000") {
    answer.reset();
    if (csr.empty()) csr = *MakeRequest(key);
    desk->Enrol({.address = address, .token = token, .csr = std::move(csr), .device = device},
                [this](const EnrolOutcome& outcome) {
                  answer = outcome;
                  ++answers;
                });
  }
  // Why not; nothing: the certificate was issued.
  std::optional<EnrolRefusal> Refusal() {
    scheduler.RunUntilIdle();
    REQUIRE(answer);
    const auto* denial = std::get_if<EnrolDenial>(&*answer);
    if (denial == nullptr) return std::nullopt;
    return denial->reason;
  }

  ManualScheduler scheduler;
  Key key = *Key::Generate();
  std::unique_ptr<EnrolDesk> desk;
  std::optional<EnrolOutcome> answer;
  std::size_t answers = 0;

 private:
  TempDir dir_;
};

TEST_CASE("a board with a token gets its certificate") {
  Rig rig;
  rig.Ask(rig.Token("cam"), "cam");
  CHECK(rig.Refusal() == std::nullopt);
  CHECK(std::get<Enrolled>(*rig.answer).device == "cam");
  CHECK(rig.desk->ca_pem() == *ReadSmallFile(rig.path() / "ca.pem"));
}

TEST_CASE("an address may be wrong five times at once, and then once a second; others are served") {
  Rig rig;
  const std::string token = rig.Token("cam");
  for (int i = 0; i < 5; ++i) {
    rig.Ask("nonsense", "cam");
    CHECK(rig.Refusal() == EnrolRefusal::kRequest);
  }
  rig.Ask(token, "cam");
  CHECK(rig.Refusal() == EnrolRefusal::kTooMany);
  const auto wait = std::get<EnrolDenial>(*rig.answer).error.retry_after;
  CHECK(wait == seconds(1));
  rig.Ask("nonsense", "cam", {}, "10.0.0.2:4000");
  CHECK(rig.Refusal() == EnrolRefusal::kRequest);
  rig.scheduler.Advance(wait);
  rig.Ask(token, "cam");
  CHECK(rig.Refusal() == std::nullopt);
}

TEST_CASE("who is right is not counted, however often") {
  Rig rig;
  const std::string token = rig.Token("cam");
  for (int i = 0; i < 20; ++i) {
    rig.Ask(token, "cam");
    CHECK(rig.Refusal() == std::nullopt);
  }
}

TEST_CASE("requests that are too long, forged or none are refused, and use no token") {
  Rig rig;
  const std::string token = rig.Token("cam");
  const std::string long_one(EnrolDesk::kMaxRequestBytes + 1, 'x');
  for (const std::string& csr : {long_one, std::string("no request")}) {
    rig.Ask(token, "cam", csr);
    CHECK(rig.Refusal() == EnrolRefusal::kRequest);
  }
  rig.Ask(token, "cam");
  CHECK(rig.Refusal() == std::nullopt);
}

TEST_CASE("sixty-four wait, and the next one is told to come again") {
  Rig rig;
  for (std::size_t i = 0; i < EnrolDesk::kMostWaiting; ++i) {
    rig.Ask("nonsense", "cam", {}, "10.0.1." + std::to_string(i) + ":1");
  }
  CHECK(rig.answers == 0);
  rig.Ask("nonsense", "cam");
  REQUIRE(rig.answer);
  CHECK(std::get<EnrolDenial>(*rig.answer).reason == EnrolRefusal::kTooMany);
  CHECK(std::get<EnrolDenial>(*rig.answer).error.retry_after > seconds(0));
  rig.scheduler.RunUntilIdle();
  CHECK(rig.answers == EnrolDesk::kMostWaiting + 1);
  rig.Ask("nonsense", "cam");
  CHECK(rig.Refusal() == EnrolRefusal::kRequest);
}

TEST_CASE("another process that changes the CA is waited for, two seconds at most") {
  Rig rig;
  const std::string token = rig.Token("cam");
  std::optional<CaDirectory> other = rig.Authority();
  rig.Ask(token, "cam");
  rig.scheduler.Advance(milliseconds(500));
  CHECK_FALSE(rig.answer);
  other.reset();
  rig.scheduler.Advance(EnrolDesk::kLookEvery);
  CHECK(rig.Refusal() == std::nullopt);

  other = rig.Authority();
  rig.Ask(token, "cam");
  rig.scheduler.Advance(EnrolDesk::kPatience + EnrolDesk::kLookEvery);
  CHECK(rig.Refusal() == EnrolRefusal::kFailed);
  CHECK(std::get<EnrolDenial>(*rig.answer).error.code == Code::kUnavailable);
}

TEST_CASE("a CA that cannot be used is named in the log, and not to who asks") {
  Rig rig;
  const std::string token = rig.Token("cam");
  std::filesystem::remove(rig.path() / "ca.key");
  rig.Ask(token, "cam");
  CHECK(rig.Refusal() == EnrolRefusal::kFailed);
  const Error told = std::get<EnrolDenial>(*rig.answer).error;
  CHECK(told == Error{Code::kInternal, "the collector's CA cannot be used: its log says why"});
}

TEST_CASE("an address is its host, and an IPv6 network one host") {
  CHECK(SourceOfPeer("10.0.0.1:5000") == SourceOfPeer("10.0.0.1:5001"));
  CHECK(SourceOfPeer("10.0.0.1:5000") != SourceOfPeer("10.0.0.2:5000"));
  CHECK(SourceOfPeer("[2001:db8::1]:1") == SourceOfPeer("[2001:db8::ffff:2]:1"));
  CHECK(SourceOfPeer("[2001:db8::1]:1") != SourceOfPeer("[2001:db8:0:1::1]:1"));
  CHECK(SourceOfPeer("[::ffff:10.0.0.1]:1") != SourceOfPeer("[::ffff:10.0.0.2]:1"));
}

}  // namespace
}  // namespace edgefeed
