#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/sample.h"
#include "telemetry.pb.h"

namespace edgefeed::bench {

// Above the threshold of the default rule CPU_HIGH, which is 90.
constexpr double kLowestAlertingCpu = 91;

struct PayloadRequest {
  const std::string& device;
  std::uint64_t sequence = 1;  // 1 is the first payload of a feed and introduces device and series.
  std::size_t backlog = 0;     // So many samples of a day ago, a second apart; 0: one of now.
  double cpu_usage = 0;
};

// Makes payloads as a device sends them. All devices of a fleet share one: a call writes its
// message at once, so ten thousand of them are never needed.
class PayloadSource {
 public:
  // `readings` beside the headline values; 0 makes the payloads of an original client.
  explicit PayloadSource(std::size_t readings);

  // Valid until the next call.
  const telemetry::MetricsPayload& Make(const PayloadRequest& request);

 private:
  void MakeOriginal(const PayloadRequest& request);
  void MakeBatch(const PayloadRequest& request);
  void FillSample(std::uint64_t sequence, Sample& sample) const;
  void Introduce(const std::string& device);

  const std::uint64_t run_;  // Makes the streams of this run its own.
  std::vector<std::uint32_t> numbers_;
  const WallTime start_;
  std::vector<Sample> samples_;
  telemetry::MetricsPayload payload_;
};

}  // namespace edgefeed::bench
