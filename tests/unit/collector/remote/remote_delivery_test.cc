#include "collector/remote/remote_delivery.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/unit/collector/remote/fake_stored_samples.h"

namespace edgefeed {
namespace {

// A store that remembers what it took, and takes all of a request or nothing, as Prometheus does.
class StrictStore {
 public:
  // Refuses these, by value, for a reason that is not time.
  std::set<double> bad;
  // Refuses what is not newer than what it has of the series.
  std::map<std::pair<std::string, std::string>, WallTime> newest;
  std::multiset<std::pair<std::string, double>> taken;  // "device metric" and value.
  std::size_t dropped = 0;
  int requests = 0;

  void TakeAll(RemoteDelivery& delivery) {
    while (!delivery.done()) {
      ++requests;
      const auto why = Check(delivery.Next());
      if (why) {
        dropped += delivery.Refused(*why);
        continue;
      }
      for (const RemoteValue& value : delivery.Next()) Take(value);
      delivery.Taken();
    }
  }

 private:
  static std::pair<std::string, std::string> KeyOf(const RemoteValue& value) {
    return {*value.sample->device, value.series->metric};
  }
  [[nodiscard]] std::optional<RemoteDrop> Check(std::span<const RemoteValue> values) const {
    auto in_request = newest;
    for (const RemoteValue& value : values) {
      if (bad.contains(value.value)) return RemoteDrop::kRefused;
      const auto [before, is_first] = in_request.try_emplace(KeyOf(value));
      if (!is_first && value.sample->sample.time <= before->second) return RemoteDrop::kOutOfOrder;
      before->second = value.sample->sample.time;
    }
    return std::nullopt;
  }
  void Take(const RemoteValue& value) {
    newest[KeyOf(value)] = value.sample->sample.time;
    taken.insert({*value.sample->device + " " + value.series->metric, value.value});
  }
};

struct DeliveryFixture {
  void Put(const std::string& device, std::int64_t second, double value) {
    samples.push_back(reader.Make(device, second, value));
  }
  void Deliver() {
    RemoteDelivery delivery(std::exchange(samples, {}), reader, headline, newest);
    store.TakeAll(delivery);
  }
  FakeStoredSamples reader;
  HeadlineSeries headline;
  NewestTimes newest;
  std::vector<StoredSample> samples;
  StrictStore store;
};

TEST_CASE_FIXTURE(DeliveryFixture, "samples in order go in one request, headline and readings") {
  for (int second = 1; second <= 10; ++second) {
    Put("a", second, second);
    Put("b", second, 100 + second);
  }
  Deliver();
  CHECK(store.requests == 1);
  CHECK(store.dropped == 0);
  CHECK(store.taken.size() == 60);
  CHECK(store.taken.count({"a cpu_usage", 3}) == 1);
  CHECK(store.taken.count({"a memory_mb", 7}) == 10);
  CHECK(store.taken.count({"b load1", 103.0 / 8}) == 1);
}

TEST_CASE_FIXTURE(DeliveryFixture,
                  "a backlog keeps nothing fresh back, and is refused in few tries") {
  Put("a", 1000, 1000);
  for (int second = 1; second <= 500; ++second) Put("a", second, second);
  Put("b", 7, 7);
  Put("a", 1001, 1001);
  Deliver();
  CHECK(store.taken.size() == 9);
  CHECK(store.dropped == 1500);
  CHECK(store.requests < 20);
}

TEST_CASE_FIXTURE(DeliveryFixture, "one bad value costs itself and nothing else") {
  for (int second = 1; second <= 50; ++second) {
    for (const char* device : {"a", "b", "c"}) Put(device, second, second);
  }
  store.bad = {17.0 / 8};  // load1 of three devices at one moment.
  Deliver();
  CHECK(store.dropped == 3);
  CHECK(store.taken.size() == 447);
  CHECK(store.taken.count({"a cpu_usage", 17}) == 1);
  CHECK(store.taken.count({"a load1", 17.0 / 8}) == 0);
}

TEST_CASE_FIXTURE(DeliveryFixture, "what a store has already, after a restart, loses nothing new") {
  for (int second = 1; second <= 20; ++second) Put("a", second, second);
  Deliver();
  store.taken.clear();
  newest.clear();  // The collector was started again, and sends from an older place.
  for (int second = 11; second <= 30; ++second) Put("a", second, second);
  Deliver();
  CHECK(store.taken.size() == 30);
  CHECK(store.taken.count({"a cpu_usage", 21}) == 1);
  CHECK(store.dropped == 30);
}

TEST_CASE_FIXTURE(DeliveryFixture,
                  "a store that refuses everything does not cost requests for ever") {
  for (int second = 1; second <= 3000; ++second) {
    Put("a", second, second);
    store.bad.insert(second);
  }
  store.bad.insert(7);
  Deliver();
  CHECK(store.requests < 2 * RemoteDelivery::kMaxRefusals);
  CHECK(store.dropped + store.taken.size() == 9000);
}

TEST_CASE_FIXTURE(DeliveryFixture, "what is too large is sent in parts") {
  for (int second = 1; second <= 9; ++second) Put("a", second, second);
  RemoteDelivery delivery(std::move(samples), reader, headline, newest);
  std::size_t taken = 0;
  while (!delivery.done()) {
    if (delivery.Next().size() > 4) {
      CHECK(delivery.TooLarge() == 0);
      continue;
    }
    taken += delivery.Next().size();
    delivery.Taken();
  }
  CHECK(taken == 27);
}

}  // namespace
}  // namespace edgefeed
