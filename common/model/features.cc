#include "common/model/features.h"

#include "common/base/text.h"

namespace edgefeed {

Features ParseFeatures(std::string_view text) {
  Features features;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto word = Trim(text.substr(0, comma));
    if (word == "readings") features.readings = true;
    if (word == "acks") features.acks = true;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return features;
}

std::string ToString(const Features& features) {
  std::string text;
  if (features.readings) text += "readings";
  if (features.acks) text += text.empty() ? "acks" : ",acks";
  return text;
}

}  // namespace edgefeed
