#include "common/config/suggest.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace edgefeed {
namespace {

constexpr std::size_t kMaxLength = 64;  // Of a name worth comparing.

// Optimal string alignment distance; upper and lower case count as equal.
std::size_t Distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous = before;
  std::vector<std::size_t> row = before;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(previous, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = previous[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({changed, previous[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> ClosestName(std::string_view name, std::span<const std::string> known) {
  if (name.size() > kMaxLength) return std::nullopt;
  std::optional<std::string> closest;
  std::size_t fewest = std::min<std::size_t>(2, std::max<std::size_t>(name.size() / 3, 1)) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = Distance(name, candidate);
    if (distance >= fewest) continue;
    fewest = distance;
    closest = candidate;
  }
  return closest;
}

}  // namespace edgefeed
