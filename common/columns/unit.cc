#include "common/columns/unit.h"

#include <array>
#include <bit>
#include <cmath>

namespace edgefeed {
namespace {

// value = integer × times / parts.
struct Unit {
  double times;
  double parts;
};
// Positions are part of the format.
constexpr std::array<Unit, kUnitCount> kUnits = {{{4096, 1},
                                                  {1024, 1},
                                                  {512, 1},
                                                  {1, 1},
                                                  {1, 10},
                                                  {1, 100},
                                                  {1, 1e3},
                                                  {1, 1e4},
                                                  {1, 1e5},
                                                  {1, 1e6},
                                                  {1, 1024}}};
// Above this a double does not hold every integer.
constexpr double kMaxInteger = 9007199254740992.0;

}  // namespace

double FromInteger(std::int64_t integer, unsigned unit) {
  return static_cast<double>(integer) * kUnits[unit].times / kUnits[unit].parts;
}

std::optional<std::int64_t> ToInteger(double value, unsigned unit) {
  const double scaled = std::nearbyint(value * kUnits[unit].parts / kUnits[unit].times);
  if (!(std::abs(scaled) <= kMaxInteger)) return std::nullopt;
  const auto integer = static_cast<std::int64_t>(scaled);
  const bool exact = std::bit_cast<std::uint64_t>(FromInteger(integer, unit)) ==
                     std::bit_cast<std::uint64_t>(value);
  return exact ? std::optional(integer) : std::nullopt;
}

}  // namespace edgefeed
