#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "common/model/sample.h"

namespace edgefeed {

// The samples of a message, in pieces: a message of very many values is taken a piece at a time,
// and others have their turn in between.
class SamplePieces {
 public:
  // The values of a piece, but for those of its last sample: about a millisecond's work.
  static constexpr std::size_t kValues = 4096;

  SamplePieces() = default;
  explicit SamplePieces(std::vector<Sample> samples) : samples_(std::move(samples)) {}

  // None when all have been taken.
  std::vector<Sample> Next() {
    const std::size_t begin = taken_;
    for (std::size_t values = 0; !done() && values < kValues; ++taken_) {
      values += samples_[taken_].readings.size() + 1;
    }
    if (begin == 0 && done()) return std::exchange(samples_, {});
    const auto at = [this](std::size_t i) {
      return std::make_move_iterator(samples_.begin() + static_cast<std::ptrdiff_t>(i));
    };
    std::vector<Sample> piece(at(begin), at(taken_));
    if (done()) samples_ = {};
    return piece;
  }
  [[nodiscard]] bool done() const { return taken_ >= samples_.size(); }

 private:
  std::vector<Sample> samples_;
  std::size_t taken_ = 0;
};

}  // namespace edgefeed
