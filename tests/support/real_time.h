#pragma once

#include <chrono>

namespace edgefeed {

// What a sanitizer multiplies: programs of its build start, and do everything else, so much slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSlowness = 4;
#else
constexpr int kSlowness = 1;
#endif

// Lets real time pass, where a test of real programs is about its length: an outage, a device's
// pace, the pause between two looks at what does not tell by itself. Nothing else may wait so.
void LetPass(std::chrono::milliseconds time);

}  // namespace edgefeed
