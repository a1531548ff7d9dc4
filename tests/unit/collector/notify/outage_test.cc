// A receiver that is down for an hour, by a clock that is moved by hand: outbox, couriers, and HTTP
// to real servers.
#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "collector/notify/courier.h"
#include "collector/notify/notices.h"
#include "collector/notify/webhook_receiver.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/support/web_server.h"
#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// A receiver's server, which keeps what it takes.
struct Place {
  std::vector<std::string> Keys() {
    const std::lock_guard lock(mutex);
    return keys;
  }

  std::atomic<unsigned> status{200};
  std::mutex mutex;
  std::vector<std::string> keys;  // Idempotency-Keys of what was taken.
  WebServer server{[this](const ReceivedRequest& request) {
    const std::lock_guard lock(mutex);
    if (status == 200) keys.push_back(request.headers.at("idempotency-key"));
    return ServedReply{.status = status, .headers = {}, .body = {}};
  }};
};

struct Side {
  Side(const Place& place, std::string name) {
    config.name = stats.name = std::move(name);
    config.kind = WebhookConfig{.url = place.server.url(), .secret_file = {}};
  }

  ReceiverConfig config;
  ReceiverStats stats;
  HttpClient client;
  std::optional<WebhookReceiver> receiver;
  std::optional<Courier> courier;
};

TEST_CASE("a receiver that is down for an hour gets everything once it is back, in order") {
  LogCapture log;
  const TempDir dir;
  auto database = Database::Open(dir.path() / "alerts.db", Database::Mode::kReadWrite);
  REQUIRE(database);
  ManualScheduler strand;
  Place down;
  Place up;
  Side for_down(down, "down");
  Side for_up(up, "up");
  std::unique_ptr<Notices> notices;
  std::vector<NoticeTarget> targets;
  for (Side* side : {&for_down, &for_up}) {
    const std::size_t number = targets.size();
    side->receiver.emplace(side->config, "hub", "test");
    side->courier.emplace(Courier::Parts{
        .strand = strand,
        .receiver = *side->receiver,
        .stats = side->stats,
        .post = [side](const auto& request) { return side->client.Post(request); },
        .settled = [&, number](std::uint64_t settled) { notices->Settled(number, settled); },
        .reminded = [](const Status&) {},
        .seed = 7});
    targets.push_back({.config = side->config, .stats = side->stats, .sink = *side->courier});
  }
  auto opened = Notices::Open({.strand = strand, .database = *database, .limits = {}}, targets);
  REQUIRE(opened);
  notices = std::move(*opened);
  notices->Start();

  down.status = 503;
  constexpr std::uint64_t kMinutes = 60;
  for (std::uint64_t number = 1; number <= kMinutes; ++number) {
    {
      auto transaction = Transaction::Begin(*database);
      REQUIRE(transaction);
      const auto change = number % 2 == 1 ? AlertChange::kFired : AlertChange::kResolved;
      REQUIRE(notices->Put(SomeNotification(number, change)));
      REQUIRE(transaction->Commit());
    }
    notices->Committed();
    strand.RunUntilIdle();
    CHECK(up.Keys().size() == number);  // Nobody is held up.
    strand.Advance(1min);
  }
  CHECK(down.Keys().empty());
  CHECK(for_down.stats.waiting == kMinutes);
  CHECK(for_down.stats.oldest_waiting_seconds >= 3590);

  down.status = 200;
  strand.Advance(61s);  // The longest pause between two tries.

  CHECK(down.Keys() == up.Keys());
  CHECK(for_down.stats.sent == kMinutes);
  CHECK(for_down.stats.waiting == 0);
  CHECK(for_down.stats.retried > 100);
  CHECK(for_up.stats.retried == 0);
  CHECK(log.Take().size() == 2);
}

}  // namespace
}  // namespace edgefeed
