#include "common/model/features.h"

#include "common/base/text.h"

namespace edgefeed {

Features ParseFeatures(std::string_view text) {
  Features features;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view word = Trim(text.substr(0, comma));
    features.batches |= word == "batches";
    features.alerts |= word == "alerts";
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  features.alerts &= features.batches;
  return features;
}

std::string ToString(const Features& features) {
  if (!features.batches) return "";
  return features.alerts ? "batches,alerts" : "batches";
}

}  // namespace edgefeed
