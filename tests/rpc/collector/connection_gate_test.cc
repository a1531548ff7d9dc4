#include "collector/rpc/connection_gate.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Verdict = ConnectionGate::Verdict;

constexpr std::size_t kOwn = 30;  // Descriptors of files and the like.

class Fixture {
 public:
  // So many of this source are let in, of `count` that come at once.
  std::size_t LetIn(const std::string& source, std::size_t count) {
    std::size_t in = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (gate.Ask(now, source) != Verdict::kLetIn) continue;
      ++in;
      ++descriptors;
    }
    return in;
  }

  ConnectionLimits limits{.connections = 100, .per_second = 10, .per_second_and_address = 4};
  std::size_t descriptors = kOwn;
  SteadyTime now{1h};
  ConnectionGate gate{limits, [this] { return descriptors; }};
};

TEST_CASE("a source gets five seconds' worth at once, then its rate, and takes nothing of others") {
  Fixture f;
  CHECK(f.LetIn("10.0.0.1", 50) == 20);
  CHECK(f.gate.Ask(f.now, "10.0.0.1") == Verdict::kTooOften);
  CHECK(f.LetIn("10.0.0.2", 50) == 20);
  f.now += 1s;
  CHECK(f.LetIn("10.0.0.1", 50) == 4);
  f.now += 1h;
  CHECK(f.LetIn("10.0.0.1", 50) == 20);
}

TEST_CASE("no more are open than are allowed, and those that have ended make room") {
  Fixture f;
  for (int i = 0; i < 5; ++i) CHECK(f.LetIn(std::to_string(i), 20) == 20);
  CHECK(f.gate.Ask(f.now, "one more") == Verdict::kTooManyOpen);
  f.descriptors -= 10;
  CHECK(f.gate.Ask(f.now, "one more") == Verdict::kTooManyOpen);  // Not counted again yet.
  f.now += 1s;
  CHECK(f.LetIn("new", 20) == 10);
}

TEST_CASE("what the collector opened before are no connections") {
  Fixture f;
  f.now += 1s;
  CHECK(f.LetIn("a", 20) + f.LetIn("b", 20) + f.LetIn("c", 20) + f.LetIn("d", 20) == 80);
}

TEST_CASE("a herd is let in at the rate of all") {
  Fixture f;
  for (int i = 0; i < 10; ++i) CHECK(f.gate.Pause(f.now) == 0s);
  CHECK(f.gate.Pause(f.now) == 100ms);
  f.now += 100ms;
  CHECK(f.gate.Pause(f.now) == 100ms);
  f.now += 1h;
  CHECK(f.gate.Pause(f.now) == 0s);
}

TEST_CASE("a flood from ever new sources takes bounded memory, and nothing of who comes rarely") {
  Fixture f;
  f.limits.connections = 1'000'000;
  ConnectionGate gate(f.limits, [] { return kOwn; });
  for (int i = 0; i < 200'000; ++i) {
    CHECK(gate.Ask(f.now, std::to_string(i)) == Verdict::kLetIn);
  }
  CHECK(gate.Ask(f.now, "10.0.0.1") == Verdict::kLetIn);
}

}  // namespace
}  // namespace edgefeed
