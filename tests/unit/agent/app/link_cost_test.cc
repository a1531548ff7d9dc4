#include "agent/app/link_cost.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using doctest::Approx;

constexpr MessageSizes kSizes{
    .first_sample = 418, .further_sample = 70, .ping = 8, .hello = 146, .series_names = 4800};
constexpr double kDay = 86'400;

}  // namespace

TEST_CASE("each sample alone: a segment, window updates and their acknowledgement") {
  const LinkCost cost = CostOfADay(kSizes, {.sample_interval = 1s});
  CHECK(cost.messages.times == kDay);
  CHECK(cost.messages.traffic.sent_bytes == Approx(kDay * ((9 + 5 + 418 + 52) + 52)));
  CHECK(cost.messages.traffic.received_bytes == Approx(kDay * (26 + 52)));
}

TEST_CASE("the collector acknowledges every 4 s, or each message when they come more slowly") {
  const LinkCost fast = CostOfADay(kSizes, {.sample_interval = 100ms});
  CHECK(fast.acknowledgements.times == kDay / 4);
  CHECK(fast.acknowledgements.traffic.received_bytes ==
        Approx(kDay / 4 * (52 + (9 + 5 + 15 + 52) + 52)));
  CHECK(fast.acknowledgements.traffic.sent_bytes == Approx(kDay / 4 * (52 + 26 + 52)));
  CHECK(CostOfADay(kSizes, {.sample_interval = 10s}).acknowledgements.times == kDay / 10);
}

TEST_CASE("samples of a batch go together, in as many messages as it takes") {
  const LinkCost ten = CostOfADay(kSizes, {.sample_interval = 1s, .batch_interval = 10s});
  CHECK(ten.messages.times == kDay / 10);
  CHECK(ten.messages.traffic.sent_bytes == Approx(kDay / 10 * ((9 + 5 + 418 + 9 * 70 + 52) + 52)));
  const LinkCost many = CostOfADay(kSizes, {.sample_interval = 1s, .batch_interval = 90s});
  CHECK(many.messages.times == Approx(kDay / 90 * 2));
  // 45 samples are 3,498 bytes: three segments, of which the first two are acknowledged by
  // themselves.
  CHECK(many.messages.traffic.sent_bytes ==
        Approx(kDay / 90 * 2 * ((9 + 5 + 418 + 44 * 70 + 3 * 52) + 52)));
  CHECK(many.messages.traffic.received_bytes == Approx(kDay / 90 * 2 * (26 + 52 + 52)));
}

TEST_CASE("a batch that is shorter than the interval of the samples changes nothing") {
  const LinkCost alone = CostOfADay(kSizes, {.sample_interval = 10s});
  const LinkCost batch = CostOfADay(kSizes, {.sample_interval = 10s, .batch_interval = 1s});
  CHECK(batch.total() == alone.total());
}

TEST_CASE("silence is broken by the side that minds it first") {
  // Each 15 s, but for when the sample comes.
  const LinkCost normal = CostOfADay(kSizes, {.sample_interval = 60s});
  CHECK(normal.signs_of_life.times == Approx(kDay / 60 * 3));
  CHECK(normal.signs_of_life.traffic.sent_bytes ==
        Approx(kDay / 60 * 3 * ((26 + 9 + 5 + 8 + 52) + 52)));
  CHECK(normal.signs_of_life.traffic.received_bytes == Approx(kDay / 60 * 3 * (26 + 9 + 5 + 52)));
  const LinkCost metered = CostOfADay(kSizes, {.sample_interval = 1h, .ping_after = 10min});
  CHECK(metered.signs_of_life.times == Approx(24 * 5));
  CHECK(CostOfADay(kSizes, {.sample_interval = 10s}).signs_of_life.times == 0);
}

TEST_CASE("an idle metered link costs less than 3 MB a month") {
  const LinkCost cost = CostOfADay(
      kSizes, {.sample_interval = 1h, .ping_after = 10min, .encryption = Encryption::kMutualTls});
  CHECK(cost.total().bytes() * 31 < 3e6);
}

TEST_CASE("TLS costs a record for each write, and a handshake") {
  const LinkTerms plain{.sample_interval = 1s};
  LinkTerms tls = plain;
  tls.encryption = Encryption::kTls;
  const LinkCost without = CostOfADay(kSizes, plain);
  const LinkCost with = CostOfADay(kSizes, tls);
  CHECK(with.messages.traffic.sent_bytes - without.messages.traffic.sent_bytes ==
        Approx(kDay * 22));
  CHECK(with.messages.traffic.received_bytes - without.messages.traffic.received_bytes ==
        Approx(kDay * 22));
  CHECK(with.connects.traffic.bytes() > without.connects.traffic.bytes() + 1000);
  tls.encryption = Encryption::kMutualTls;
  CHECK(CostOfADay(kSizes, tls).connects.traffic.bytes() > with.connects.traffic.bytes());
}

TEST_CASE("a connect says who the device is and what its series are called") {
  const LinkCost cost = CostOfADay(kSizes, {});
  CHECK(cost.connects.times == 1);
  CHECK(cost.connects.traffic.sent_bytes > 146 + 4800);
  CHECK(cost.connects.traffic.sent_bytes < 146 + 4800 + 1500);
  CHECK(cost.total().sent_bytes ==
        Approx(cost.messages.traffic.sent_bytes + cost.acknowledgements.traffic.sent_bytes +
               cost.connects.traffic.sent_bytes));
}

TEST_CASE("the terms are the configuration's") {
  AgentConfig config;
  config.sample_interval = 5s;
  config.batch_interval = 1min;
  config.link = edgefeed::Link::kMetered;
  CHECK(LinkTermsOf(config).sample_interval == 5s);
  CHECK(LinkTermsOf(config).batch_interval == 1min);
  CHECK(LinkTermsOf(config).ping_after == 10min);
  CHECK(LinkTermsOf(config).encryption == Encryption::kNone);
  config.tls.emplace();
  CHECK(LinkTermsOf(config).encryption == Encryption::kTls);
  config.tls->cert = "agent.pem";
  CHECK(LinkTermsOf(config).encryption == Encryption::kMutualTls);
}

}  // namespace edgefeed
