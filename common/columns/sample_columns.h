#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/model/sample.h"

// Samples of one device as columns: what the wire and the outbox carry. FORMAT.md has the bytes.
namespace edgefeed {

// Appends `samples` to `out`; their positions are not part of it. `numbers` gives, by
// SeriesId, what the reader knows a series by. Preconditions: at least one sample; `numbers` covers
// every series in them. A series that stands twice in one sample is written once.
void EncodeSamples(std::span<const Sample* const> samples, std::span<const std::uint32_t> numbers,
                   std::string& out);

// The most that a reader takes, because a few bytes may claim to be very many values.
struct SampleColumnLimits {
  std::size_t samples = 256;
  std::size_t readings = 65536;  // Of all samples together.
};

struct DecodedSamples {
  std::vector<Sample> samples;         // Without positions.
  std::uint64_t dropped_readings = 0;  // Of series that `series` does not want.
};

// Undoes EncodeSamples. `series` gives, by the writer's number, the reader's SeriesId; nothing for
// those to leave out. DATA_LOSS for bytes that EncodeSamples did not write, for an unannounced
// number and for more than `limits`.
Result<DecodedSamples> DecodeSamples(std::string_view bytes,
                                     std::span<const std::optional<SeriesId>> series,
                                     const SampleColumnLimits& limits);

// The same with the writer's numbers for SeriesIds.
Result<std::vector<Sample>> DecodeSamples(std::string_view bytes, const SampleColumnLimits& limits);

class SampleColumnsReader;

// The same in steps, for who has others to attend to in between.
class SamplesDecoder {
 public:
  // What is referred to must outlive it.
  SamplesDecoder(std::string_view bytes, std::span<const std::optional<SeriesId>> series,
                 const SampleColumnLimits& limits);
  ~SamplesDecoder();
  SamplesDecoder(const SamplesDecoder&) = delete;
  SamplesDecoder& operator=(const SamplesDecoder&) = delete;
  SamplesDecoder(SamplesDecoder&& other) noexcept;
  SamplesDecoder& operator=(SamplesDecoder&& other) noexcept;

  // Decodes at least `values` more values, or what is left. Nothing while there is more; once there
  // is a result, that was all.
  std::optional<Result<DecodedSamples>> Step(std::size_t values);

 private:
  std::unique_ptr<SampleColumnsReader> reader_;
};

}  // namespace edgefeed
