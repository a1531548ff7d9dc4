#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

// The values of one series over time, small and exact. FORMAT.md has the bytes and why.
namespace edgefeed {

// Appends the column to `out`; the number of values is not part of it. Every double comes back bit
// by bit. Decimals of up to six places and multiples of powers of two take one to three bytes each,
// repeated values next to nothing.
void EncodeColumn(std::span<const double> values, std::string& out);
// Precondition: each value is within ±2^59.
void EncodeIntegers(std::span<const std::int64_t> values, std::string& out);

// Takes a column of `count` values off the front of `bytes` and appends the values. DATA_LOSS when
// these are no such column. The work is bounded by `count`, whatever the bytes.
Status DecodeColumn(std::string_view& bytes, std::size_t count, std::vector<double>& values);
Status DecodeIntegers(std::string_view& bytes, std::size_t count,
                      std::vector<std::int64_t>& values);

}  // namespace edgefeed
