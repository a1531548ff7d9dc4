#pragma once

#include <string>
#include <string_view>

namespace edgefeed {

// The call metadata in which each side says which additions to the original contract it knows.
constexpr std::string_view kFeaturesKey = "edgefeed-features";

struct Features {
  bool readings = false;  // Understands everything beside the four original fields of a payload.
  bool acks = false;      // Sends, or wants, acknowledgements.
  friend bool operator==(const Features&, const Features&) = default;
};

constexpr Features kAllFeatures{.readings = true, .acks = true};

// "readings,acks". Unknown words are skipped: they are a newer peer's.
Features ParseFeatures(std::string_view text);
std::string ToString(const Features& features);

}  // namespace edgefeed
