#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// The call metadata in which each side says which additions to the original contract it knows.
constexpr std::string_view kFeaturesKey = "edgefeed-features";

struct Features {
  bool batches = false;  // Samples in numbered batches, acknowledged when they are stored.
  bool alerts = false;   // Numbered alerts, acknowledged when they have arrived; with batches only.
  friend bool operator==(const Features&, const Features&) = default;
};

constexpr Features kAllFeatures{.batches = true, .alerts = true};

// "batches,alerts". Unknown words are skipped: they are a newer peer's.
Features ParseFeatures(std::string_view text);
std::string ToString(const Features& features);

}  // namespace edgefeed
