#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace edgefeed {

struct Label {
  std::string name;
  std::string value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

// Sorted by name, no name twice.
using Labels = std::vector<Label>;

// A metric with its labels: what a value is a value of.
struct Series {
  std::string metric;
  Labels labels;
  friend auto operator<=>(const Series&, const Series&) = default;
};

// metric{name="value",…}, Prometheus' spelling.
std::string ToString(const Series& series);

// Position of a series in a SeriesTable.
using SeriesId = std::uint32_t;

// Numbers series in the order in which they are first seen, so that a sample carries numbers
// instead of names. Only grows, up to `capacity`; ids stay valid for the table's life. Not
// thread-safe.
class SeriesTable {
 public:
  explicit SeriesTable(std::size_t capacity) : capacity_(capacity) {}

  // The id of `series`, new or known. Nothing when it is new and the table is full.
  std::optional<SeriesId> Intern(const Series& series);
  // The id of `series` if it is known.
  [[nodiscard]] std::optional<SeriesId> Find(const Series& series) const;

  // Precondition: id < size().
  [[nodiscard]] const Series& operator[](SeriesId id) const { return series_[id]; }
  [[nodiscard]] std::size_t size() const { return series_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Series* series) const;
  };
  struct Equal {
    bool operator()(const Series* a, const Series* b) const { return *a == *b; }
  };

  std::size_t capacity_;
  std::deque<Series> series_;  // A deque: the map's keys point into it.
  std::unordered_map<const Series*, SeriesId, Hash, Equal> ids_;
};

}  // namespace edgefeed
