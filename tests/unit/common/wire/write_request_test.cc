#include "common/wire/write_request.h"

#include <doctest/doctest.h>
#include <snappy.h>

#include "remote_write.pb.h"

namespace edgefeed {
namespace {

remote_write::WriteRequest Decode(const std::string& packed) {
  std::string plain;
  REQUIRE(snappy::Uncompress(packed.data(), packed.size(), &plain));
  remote_write::WriteRequest request;
  REQUIRE(request.ParseFromString(plain));
  return request;
}

TEST_CASE("a write request has every series with its labels and points") {
  const RemoteSeries series[] = {
      {.labels = {{"__name__", "load1"}, {"edgefeed_device", "edge-07"}},
       .points = {{FromUnixMillis(1'700'000'000'000), 0.5},
                  {FromUnixMillis(1'700'000'001'000), -2}}},
      {.labels = {{"__name__", "cpu_usage"}}, .points = {{FromUnixMillis(5), 1e300}}},
  };

  const auto request = Decode(EncodeWriteRequest(series));

  REQUIRE(request.timeseries_size() == 2);
  const auto& load = request.timeseries(0);
  REQUIRE(load.labels_size() == 2);
  CHECK(load.labels(0).name() == "__name__");
  CHECK(load.labels(0).value() == "load1");
  CHECK(load.labels(1).name() == "edgefeed_device");
  CHECK(load.labels(1).value() == "edge-07");
  REQUIRE(load.samples_size() == 2);
  CHECK(load.samples(0).timestamp() == 1'700'000'000'000);
  CHECK(load.samples(0).value() == 0.5);
  CHECK(load.samples(1).timestamp() == 1'700'000'001'000);
  CHECK(load.samples(1).value() == -2);
  CHECK(request.timeseries(1).samples(0).value() == 1e300);
}

// The bytes of the public format, field by field: what a receiver of somebody else's reads.
TEST_CASE("a write request's bytes are those of the public format") {
  const RemoteSeries series[] = {
      {.labels = {{"__name__", "a"}}, .points = {{FromUnixMillis(1), 1.0}}}};
  const std::string packed = EncodeWriteRequest(series);
  std::string plain;
  REQUIRE(snappy::Uncompress(packed.data(), packed.size(), &plain));
  const std::string label = std::string("\x0a\x08__name__\x12\x01", 12) + "a";
  const std::string sample("\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x10\x01", 11);
  const std::string one = std::string("\x0a\x0d", 2) + label + std::string("\x12\x0b", 2) + sample;
  CHECK(plain == std::string("\x0a\x1c", 2) + one);
}

}  // namespace
}  // namespace edgefeed
