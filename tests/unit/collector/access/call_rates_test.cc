#include "collector/access/call_rates.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

Caller Device(std::vector<std::string> names, std::string serial = "0a") {
  return {.proof = Proof::kCertificate,
          .role = Role::kDevice,
          .names = std::move(names),
          .serial = std::move(serial)};
}

struct Rig {
  // How many of so many calls at this moment are let in.
  std::size_t Call(const Caller& caller, std::size_t calls = 1000) {
    std::size_t let_in = 0;
    for (std::size_t i = 0; i < calls; ++i) let_in += rates.Count(caller, now).ok() ? 1 : 0;
    return let_in;
  }

  SteadyTime now{1h};
  CollectorStats stats;
  CallRates rates{2, stats};
};

TEST_CASE("a device may call ten seconds' worth at once, then at its rate; others have theirs") {
  Rig rig;
  CHECK(rig.Call(Device({"a"})) == 20);
  CHECK(rig.stats.calls_too_often == 980);
  CHECK(rig.Call(Device({"b"})) == 20);
  rig.now += 3s;
  CHECK(rig.Call(Device({"a"})) == 6);
  rig.now += 1h;
  CHECK(rig.Call(Device({"a"})) == 20);
}

TEST_CASE("a renewed certificate has no rate of its own, one of several devices that of each") {
  Rig rig;
  CHECK(rig.Call(Device({"a"}, "0a")) == 20);
  CHECK(rig.Call(Device({"a"}, "0b")) == 0);
  CHECK(rig.Call(Device({"b", "c", "d"})) == 60);
}

TEST_CASE("people, and who shows no certificate, call as often as they like") {
  Rig rig;
  CHECK(rig.Call({.proof = Proof::kCertificate, .role = Role::kViewer, .names = {"kim"}}) == 1000);
  CHECK(rig.Call({.proof = Proof::kToken, .role = Role::kAdmin, .names = {"kim"}}) == 1000);
  CHECK(rig.Call({.proof = Proof::kNone}) == 1000);
  CHECK(rig.Call({.proof = Proof::kNotAsked}) == 1000);
  CHECK(rig.stats.calls_too_often == 0);
}

TEST_CASE("who calls too often is told by what key, and when to come back") {
  Rig rig;
  rig.Call(Device({"cam-7"}));
  CHECK(rig.rates.Count(Device({"cam-7"}), rig.now).error() ==
        Error{Code::kResourceExhausted,
              "device 'cam-7' (certificate 0a) calls more often than 2 times a second "
              "(limits.calls_per_second_and_device)",
              1s});
}

}  // namespace
}  // namespace edgefeed
