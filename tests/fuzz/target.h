#pragma once

#include <cstddef>
#include <cstdint>

// What libFuzzer calls with bytes that it has made up, and replay.cc with those of the corpus. Each
// target is a file that defines it: it hands the bytes to one parser and aborts when a promise of
// that parser does not hold.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
