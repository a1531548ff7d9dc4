#include "collector/access/caller_places.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using PlaceList = std::vector<std::unique_ptr<const CallerPlaces::Place>>;

Caller Device(std::vector<std::string> names, std::string serial = "0a") {
  return {.proof = Proof::kCertificate,
          .role = Role::kDevice,
          .names = std::move(names),
          .serial = std::move(serial)};
}

Caller Person(Proof proof, Role role, const std::string& name) {
  return {.proof = proof, .role = role, .names = {name}, .serial = "0b"};
}

struct Rig {
  // Takes places until one is refused, or `most`.
  std::size_t Fill(const Caller& caller, CallKind kind, std::size_t most = 100) {
    for (std::size_t taken = 0; taken < most; ++taken) {
      auto place = places.Take(caller, kind);
      if (!place) return taken;
      held.push_back(*std::move(place));
    }
    return most;
  }
  [[nodiscard]] std::uint64_t refused(CallKind kind) const {
    return stats.caller_limit_refused.at(static_cast<std::size_t>(kind));
  }

  CollectorStats stats;
  CallerPlaces places{{.feeds = 3, .uploads = 2, .subscribers = 4}, stats};
  PlaceList held;
};

TEST_CASE("a caller has so many places of each kind, and others have theirs") {
  Rig rig;
  for (const std::string name : {"a", "b"}) {
    CAPTURE(name);
    CHECK(rig.Fill(Device({name}), CallKind::kFeed) == 3);
    CHECK(rig.Fill(Device({name}), CallKind::kUpload) == 2);
    CHECK(rig.Fill(Device({name}), CallKind::kReader) == 4);
  }
  CHECK(rig.refused(CallKind::kFeed) == 2);
  CHECK(rig.refused(CallKind::kUpload) == 2);
  CHECK(rig.refused(CallKind::kReader) == 2);
}

TEST_CASE("who is at his limit is told which, by what key, and when to come back") {
  Rig rig;
  rig.Fill(Device({"cam-7"}), CallKind::kFeed);
  CHECK(rig.places.Take(Device({"cam-7"}), CallKind::kFeed).error() ==
        Error{Code::kResourceExhausted,
              "device 'cam-7' (certificate 0a) has 3 feeds open already (limits.feeds_per_caller)",
              10s});
}

TEST_CASE("a place is free again when its call is over") {
  Rig rig;
  const Caller cam = Device({"cam"});
  CHECK(rig.Fill(cam, CallKind::kUpload) == 2);
  rig.held.pop_back();
  CHECK(rig.Fill(cam, CallKind::kUpload) == 1);
  rig.held.clear();
  CHECK(rig.Fill(cam, CallKind::kUpload) == 2);
}

TEST_CASE("a renewed certificate is the same caller; a token of the same name is another") {
  Rig rig;
  CHECK(rig.Fill(Device({"cam"}, "01"), CallKind::kFeed) == 3);
  CHECK(rig.Fill(Device({"cam"}, "02"), CallKind::kFeed) == 0);
  CHECK(rig.Fill(Person(Proof::kCertificate, Role::kViewer, "kim"), CallKind::kReader) == 4);
  CHECK(rig.Fill(Person(Proof::kCertificate, Role::kAdmin, "kim"), CallKind::kReader) == 4);
  CHECK(rig.Fill(Person(Proof::kToken, Role::kViewer, "kim"), CallKind::kReader) == 4);
  CHECK(rig.Fill(Person(Proof::kToken, Role::kViewer, "kim"), CallKind::kReader) == 0);
}

TEST_CASE("a gateway has the places of all devices that its certificate names") {
  Rig rig;
  CHECK(rig.Fill(Device({"a", "b"}), CallKind::kFeed) == 6);
  CHECK(rig.Fill(Device({"a"}), CallKind::kFeed) == 3);
}

TEST_CASE("who shows nothing, and a call that is over soon, take no place") {
  Rig rig;
  for (const Proof proof : {Proof::kNotAsked, Proof::kNone}) {
    CHECK(rig.Fill({.proof = proof}, CallKind::kFeed) == 100);
  }
  CHECK(rig.Fill(Device({"cam"}), CallKind::kBrief) == 100);
  for (const auto& place : rig.held) CHECK(place == nullptr);
}

}  // namespace
}  // namespace edgefeed
