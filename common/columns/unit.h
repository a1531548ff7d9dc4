#pragma once

#include <cstdint>
#include <optional>

// Doubles as integers of a unit, exactly.
namespace edgefeed {

// Positions in FORMAT.md's table, coarse ones first.
constexpr unsigned kUnitCount = 11;
constexpr unsigned kUnitOne = 3;  // That of integers.

// value = integer × unit, bit by bit; nothing when there is no such integer of at most 2^53.
std::optional<std::int64_t> ToInteger(double value, unsigned unit);
double FromInteger(std::int64_t integer, unsigned unit);

}  // namespace edgefeed
