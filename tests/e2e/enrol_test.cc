// A new board gets its certificate with one command, and renews it itself: the real collector,
// agent and edgefeedctl.

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/file.h"
#include "enrolment.grpc.pb.h"
#include "tests/e2e/enrolment.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/wrong_clock.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using doctest::Contains;

TEST_CASE("a board enrols with one word, feeds, and nobody else can use the word again") {
  const Hub hub;
  const std::string token = hub.Token("cam");
  const Board board(hub);
  const Ended enrolled = board.Enrol(token);
  CAPTURE(enrolled.said);
  REQUIRE(enrolled.status == 0);
  CHECK(Text(enrolled.out) == Contains("device cam: certificate "));
  CHECK(Text(board.Verify()) == Contains(": OK"));
  CHECK(board.Read("ca.pem") == *ReadSmallFile(hub.Path("ca/ca.pem")));
  CHECK(board.Read("agent.enrolment") == hub.address() + "\n" + token.substr(15, 8) + "\n");
  CHECK_FALSE(board.Has("agent.key.enrol"));
  struct stat key{};
  REQUIRE(::stat(board.Path("agent.key").c_str(), &key) == 0);
  CHECK((key.st_mode & 0137) == 0);

  RunningAgent agent(board.Spec());
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  CHECK(Await([&] { return hub.Payloads("cam") >= 2; }));
  agent.Stop();

  // Once more does no harm.
  const std::string certificate = board.Read("agent.pem");
  CHECK(board.Enrol(token).status == 0);
  CHECK(board.Read("agent.pem") == certificate);

  const Board thief(hub);
  const Ended replayed = thief.Enrol(token);
  CHECK(replayed.status == 1);
  CHECK(Text(replayed.said) == Contains("was used already, by another key"));
  CHECK_FALSE(thief.Has("agent.pem"));
  CHECK(hub.Audited("enrolled", "\"object\":\"cam\""));
  CHECK(hub.Audited("refused", "token_used"));
  CHECK(hub.collector->Metric("edgefeed_access_refused_total{reason=\"token_used\"}") == 1);
  CHECK(hub.collector->Metric("edgefeed_devices_enrolled_total") == 1);
  // What somebody else could enrol with is in no file, and in no log.
  const std::string secret = token.substr(24, 32);
  CHECK(hub.Audit().find(secret) == std::string::npos);
  CHECK(hub.collector->program().Output(Stream::kStderr).find(secret) == std::string::npos);
  CHECK(ReadSmallFile(hub.Path("ca/index"))->find(secret) == std::string::npos);
}

// Tries a token again and again, faster than a program that has to be started each time.
class Guesser {
 public:
  Guesser(const Hub& hub, const std::string& token) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = *ReadSmallFile(hub.Path("ca/ca.pem"));
    stub_ = Enrolment::NewStub(grpc::CreateChannel(hub.address(), grpc::SslCredentials(options)));
    request_.set_token(token);
    request_.set_service_name("cam");
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) Try();
    });
  }

 private:
  void Try() const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    EnrolReply reply;
    static_cast<void>(stub_->Enrol(&context, request_, &reply));
  }

  std::unique_ptr<Enrolment::Stub> stub_;
  EnrolRequest request_;
  std::jthread thread_;
};

TEST_CASE("tokens that are wrong, expired, ended or another's enrol nobody") {
  const Hub hub;
  WrongClock clock;
  clock.Set(-48h, WrongClock::Kernel::kUnsynchronized);
  const Board board(hub);
  const std::string expired = hub.Token("cam", clock.environment());
  const Ended late = board.Enrol(expired);
  CHECK(late.status == 1);
  CHECK(Text(late.said) == Contains(" expired at "));
  CHECK(hub.Audited("refused", "token_expired"));

  const std::string ended = hub.Token("cam");
  hub.Ca({"revoke", "cam"});
  CHECK(Text(board.Enrol(ended).said) == Contains(" was ended at "));

  const Board other(hub, "other");
  const std::string good = hub.Token("cam");
  CHECK(Text(other.Enrol(good).said) == Contains("is for device 'cam', and this one calls itself"));
  std::string guess = good;
  guess[24] = guess[24] == '0' ? '1' : '0';
  CHECK(Text(board.Enrol(guess).said) == Contains("has made no such enrolment token"));
  CHECK(board.Enrol("nonsense").status == 2);

  // Of one address, five wrong ones at once, and one a second.
  std::string held_back;
  {
    const Guesser guesser(hub, guess);
    REQUIRE(Await([&] {
      const std::string said = board.Enrol(guess).said;
      if (said.find("too many wrong tries") != std::string::npos) held_back = said;
      return !held_back.empty();
    }));
  }
  CHECK(Text(held_back) == Contains("(ask again in 1s)"));
  CHECK(hub.Audited("refused", "too_many_tries"));
  CHECK_FALSE(board.Has("agent.pem"));
  CHECK(Await([&] { return board.Enrol(good).status == 0; }));
}

TEST_CASE("a board whose clock is in 1970 is told so, and its token is not used") {
  const Hub hub;
  WrongClock clock;
  clock.Set(1min - std::chrono::duration_cast<std::chrono::milliseconds>(
                       SystemClock().Wall().time_since_epoch()),
            WrongClock::Kernel::kUnsynchronized);
  const Board board(hub);
  const std::string token = hub.Token("cam");
  const Ended dreaming = board.Enrol(token, {}, clock.environment());
  CHECK(dreaming.status == 1);
  CHECK(Text(dreaming.said) == Contains("this device's clock says 1970-01-01T00:"));
  CHECK(Text(dreaming.said) == Contains("set the clock"));
  CHECK(board.Enrol(token).status == 0);
}

TEST_CASE("a board that has none of the system's authorities enrols: it wants the token's only") {
  const Hub hub;
  const Board board(hub);
  const Ended enrolled =
      board.Enrol(hub.Token("cam"), {},
                  {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=/none", "GRPC_NOT_USE_SYSTEM_SSL_ROOTS=true"});
  CHECK_MESSAGE(enrolled.status == 0, enrolled.said);
}

TEST_CASE("somebody in between gets no token: he cannot show the CA that it names") {
  const Hub hub;
  const Hub foreign;
  const std::string token = hub.Token("cam");
  const Board board(hub);
  const Ended fooled = board.Enrol(token, foreign.address());
  CHECK(fooled.status == 1);
  CHECK(Text(fooled.said) == Contains("is not the collector that this token is for"));
  CHECK(Text(fooled.said) == Contains("The token was not sent"));
  CHECK(foreign.Audit().empty());
  CHECK(foreign.collector->Metric("edgefeed_access_refused_total{reason=\"token\"}") <= 0);
  // The right collector by a name that its certificate does not have.
  const Ended renamed = board.Enrol(token, "localhost:" + std::to_string(hub.port()));
  CHECK(renamed.status == 1);
  CHECK(Text(renamed.said) == Contains("is not for 'localhost'"));
  CHECK(board.Enrol(token).status == 0);
}

TEST_CASE("a board that did not get the answer asks again, and gets the same") {
  const Hub hub;
  FaultyProxy proxy(hub.port());
  const std::string at = "127.0.0.1:" + std::to_string(proxy.port());
  const std::string token = hub.Token("cam");
  const Board board(hub);
  // Cut ever later, until the answer comes through: by then others have been lost.
  Ended enrolled;
  for (std::size_t bytes = 1000; enrolled.status != 0; bytes += 250) {
    REQUIRE(bytes < 20'000);
    proxy.CutEach([bytes] {
      return FaultyProxy::Fault{.direction = FaultyProxy::Fault::Direction::kToClient,
                                .after_bytes = bytes};
    });
    enrolled = board.Enrol(token, at);
  }
  CHECK(hub.Audited("enrolled", ", again"));
  CHECK(hub.collector->Metric("edgefeed_devices_enrolled_total") == 1);
  CHECK(Text(board.Verify()) == Contains(": OK"));
}

TEST_CASE(
    "a collector that is killed between any two steps leaves a token that its board can use") {
  const Hub hub;
  bool was_killed = true;
  for (int step = 1; was_killed; ++step) {
    CAPTURE(step);
    const std::string name = "cam-" + std::to_string(step);
    const std::string token = hub.Token(name);
    hub.collector->program().Kill();
    static_cast<void>(hub.collector->program().Wait(kPatience));
    hub.collector->Start(
        {"LD_PRELOAD=" EDGEFEED_DIE_AT_LIBRARY, "EDGEFEED_DIE_AT=" + std::to_string(step),
         "EDGEFEED_DIE_IN=" + hub.Path("ca/"), "ASAN_OPTIONS=verify_asan_link_order=0"});
    const Board board(hub, name);
    const Ended first = board.Enrol(token);
    was_killed = first.status != 0;
    if (was_killed) {
      CHECK(hub.collector->program().Wait(kPatience) == 128 + 9);
      hub.collector->Start();
      const Ended second = board.Enrol(token);
      REQUIRE_MESSAGE(second.status == 0, second.said);
    } else {
      CHECK(step > 5);
    }
    CHECK(Text(board.Verify()) == Contains(": OK"));
    const Board thief(hub, name);
    CHECK(Text(thief.Enrol(token).said) == Contains("was used already"));
    // One certificate, and one only.
    const std::string listed = hub.Ca({"ls", "--json"}).out;
    const auto at = listed.find("\"name\":\"" + name + "\"");
    REQUIRE(at != std::string::npos);
    CHECK(listed.find("\"name\":\"" + name + "\"", at + 1) == std::string::npos);
  }
}

TEST_CASE("a board that is killed between any two steps enrols with the same token") {
  const Hub hub;
  int status = 1;
  for (int step = 1; status != 0; ++step) {
    CAPTURE(step);
    const std::string name = "cam-" + std::to_string(step);
    const std::string token = hub.Token(name);
    const Board board(hub, name);
    status =
        board
            .Enrol(
                token, {},
                {"LD_PRELOAD=" EDGEFEED_DIE_AT_LIBRARY, "EDGEFEED_DIE_AT=" + std::to_string(step),
                 "EDGEFEED_DIE_IN=" + board.Path(""), "ASAN_OPTIONS=verify_asan_link_order=0"})
            .status;
    REQUIRE((status == 128 + 9 || status == 0));
    if (status == 0) CHECK(step > 15);
    const Ended again = board.Enrol(token);
    REQUIRE_MESSAGE(again.status == 0, again.said);
    CHECK(Text(board.Verify()) == Contains(": OK"));
    RunningAgent agent(board.Spec());
    CHECK(agent.program().WaitForLine("connected to", kPatience));
    agent.program().Kill();
  }
}

TEST_CASE("a device renews its certificate while its agent runs, and no sample is lost") {
  const Hub hub;
  const Board board(hub);
  REQUIRE(board.Enrol(hub.Token("cam")).status == 0);
  const std::string first = board.Read("agent.pem");
  const std::string key = board.Read("agent.key");
  RunningAgent agent(board.Spec());
  CHECK(agent.program().WaitForLine("connected to", kPatience));
  const Ended early = board.Agent({"renew"});
  CHECK(early.status == 0);
  CHECK(Text(early.out) == Contains("and is renewed from "));
  CHECK(board.Read("agent.pem") == first);

  // A third is left: the device's clock is 61 days on. Its certificate is good by the collector's.
  WrongClock clock;
  clock.Set(61 * 24h, WrongClock::Kernel::kUnsynchronized);
  const Ended renewed = board.Agent({"renew"}, clock.environment());
  CAPTURE(renewed.said);
  CHECK(renewed.status == 0);
  CHECK(board.Read("agent.pem") != first);
  CHECK(board.Read("agent.key") == key);
  CHECK(Text(board.Verify()) == Contains(": OK"));
  CHECK(agent.program().WaitForLine("tls: new certificates or keys are in use", kPatience));
  const double before = hub.Payloads("cam");
  CHECK(Await([&] { return hub.Payloads("cam") >= before + 20; }));
  CHECK(hub.Audited("renewed", "\"object\":\"cam\""));
  CHECK(hub.collector->Metric("edgefeed_certificates_renewed_total") == 1);
  agent.AwaitDelivered();
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  CHECK(static_cast<double>(totals.taken) == hub.Payloads("cam"));
}

TEST_CASE("a device that is revoked, or is none, cannot renew") {
  const Hub hub;
  const Board board(hub);
  const Ended stranger = board.Agent({"renew", "--force"});
  CHECK(stranger.status == 1);
  CHECK(Text(stranger.said) == Contains("this device was not enrolled here"));
  REQUIRE(board.Enrol(hub.Token("cam")).status == 0);
  CHECK(board.Agent({"renew", "--force"}).status == 0);
  hub.Ca({"revoke", "cam"});
  const std::string last = board.Read("agent.pem");
  const Ended revoked = board.Agent({"renew", "--force"});
  CHECK(revoked.status == 1);
  CHECK(Text(revoked.said) == Contains("is revoked"));
  CHECK(board.Read("agent.pem") == last);
  CHECK(hub.Audited("refused", "revoked"));
  // With a new token it is back, with a new key.
  const std::string key = board.Read("agent.key");
  REQUIRE(board.Enrol(hub.Token("cam")).status == 0);
  CHECK(board.Read("agent.key") != key);

  hub.Ca({"issue", "admin", "kim", "--out", board.Path("kim")});
  for (const std::string name : {".pem", ".key"}) {
    fs::copy_file(board.Path("kim/me" + name), board.Path("agent" + name),
                  fs::copy_options::overwrite_existing);
  }
  const Ended person = board.Agent({"renew", "--force"});
  CHECK(person.status == 1);
  CHECK(Text(person.said) == Contains("wants a device"));
}

TEST_CASE("a collector whose certificate is another CA's does not pretend to enrol") {
  const Hub hub;
  const Hub other;
  const auto started = Run("edgefeed-collector",
                           {"--config", [&] {
                              std::ofstream(hub.Path("bad.yaml"))
                                  << "listen: 127.0.0.1:0\nhttp: off\ndata_dir: bad-data\n"
                                  << "tls: {cert: hub/collector.pem, key: hub/collector.key}\n"
                                  << "enrolment: {listen: '127.0.0.1:0', ca: " << other.Path("ca")
                                  << "}\n";
                              return hub.Path("bad.yaml");
                            }()});
  CHECK(started->Wait(kPatience) == 1);
  CHECK(Text(started->Output(Stream::kStderr)) == Contains("was not issued by this CA"));
}

}  // namespace
}  // namespace edgefeed::e2e
