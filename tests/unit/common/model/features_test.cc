#include "common/model/features.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("features are written and read back") {
  CHECK(ToString(kAllFeatures) == "batches,alerts");
  CHECK(ParseFeatures("batches,alerts") == kAllFeatures);
  CHECK(ToString(Features{.batches = true}) == "batches");
  CHECK(ParseFeatures("batches") == Features{.batches = true});
  CHECK(ToString(Features{}).empty());
}

TEST_CASE("a newer peer's words are skipped, wherever they stand") {
  CHECK(ParseFeatures("zstd, batches ,v2,alerts,") == kAllFeatures);
  CHECK(ParseFeatures("batch,Batches,batches2") == Features{});
  CHECK(ParseFeatures(",,,") == Features{});
  CHECK(ParseFeatures("") == Features{});
}

TEST_CASE("alerts go with batches only") { CHECK(ParseFeatures("alerts") == Features{}); }

}  // namespace
}  // namespace edgefeed
