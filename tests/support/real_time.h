#pragma once

#include <chrono>

namespace edgefeed {

// Lets real time pass, where a test of real programs is about its length: an outage, a device's
// pace, the pause between two looks at what does not tell by itself. Nothing else may wait so.
void LetPass(std::chrono::milliseconds time);

}  // namespace edgefeed
