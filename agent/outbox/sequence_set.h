#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace edgefeed {

// Numbers of samples, kept as runs: a few bytes however many follow each other.
class SequenceSet {
 public:
  // Precondition: above all that are in it.
  void Append(std::uint64_t sequence);
  // How many were erased.
  std::size_t EraseUpTo(std::uint64_t last);
  // False: it was not in it.
  bool Erase(std::uint64_t sequence);

  // The lowest above `after`.
  [[nodiscard]] std::optional<std::uint64_t> Next(std::uint64_t after) const;
  [[nodiscard]] bool Contains(std::uint64_t sequence) const;
  [[nodiscard]] std::size_t CountUpTo(std::uint64_t last) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return runs_.empty(); }

 private:
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::vector<Run> runs_;  // In order, with gaps between them.
};

}  // namespace edgefeed
