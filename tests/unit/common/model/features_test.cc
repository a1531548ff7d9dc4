#include "common/model/features.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("features are written and read back") {
  CHECK(ToString(kAllFeatures) == "batches");
  CHECK(ParseFeatures("batches") == kAllFeatures);
  CHECK(ToString(Features{}).empty());
}

TEST_CASE("a newer peer's words are skipped, wherever they stand") {
  CHECK(ParseFeatures("zstd, batches ,v2,") == kAllFeatures);
  CHECK(ParseFeatures("batch,Batches,batches2") == Features{});
  CHECK(ParseFeatures(",,,") == Features{});
  CHECK(ParseFeatures("") == Features{});
}

}  // namespace
}  // namespace edgefeed
