#include "common/model/features.h"

#include "common/base/text.h"

namespace edgefeed {

Features ParseFeatures(std::string_view text) {
  Features features;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (Trim(text.substr(0, comma)) == "batches") features.batches = true;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return features;
}

std::string ToString(const Features& features) { return features.batches ? "batches" : ""; }

}  // namespace edgefeed
