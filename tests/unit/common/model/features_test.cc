#include "common/model/features.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("features are written and read back") {
  for (const bool readings : {false, true}) {
    for (const bool acks : {false, true}) {
      const Features features{.readings = readings, .acks = acks};
      CHECK(ParseFeatures(ToString(features)) == features);
    }
  }
  CHECK(ToString(kAllFeatures) == "readings,acks");
  CHECK(ToString(Features{}).empty());
}

TEST_CASE("a newer peer's words are skipped, wherever they stand") {
  CHECK(ParseFeatures("zstd,acks, v2 , readings,") == kAllFeatures);
  CHECK(ParseFeatures(" acks ") == Features{.acks = true});
  CHECK(ParseFeatures("ack,Acks,readings2") == Features{});
  CHECK(ParseFeatures(",,,") == Features{});
  CHECK(ParseFeatures("") == Features{});
}

}  // namespace
}  // namespace edgefeed
