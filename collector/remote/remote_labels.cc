#include "collector/remote/remote_labels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "collector/remote/remote_config.h"

namespace edgefeed {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

std::string ValidName(std::string_view name, std::string_view more_letters) {
  std::string valid(name);
  for (char& c : valid) {
    const bool allowed = kLetters.find(c) != std::string_view::npos ||
                         kDigits.find(c) != std::string_view::npos ||
                         more_letters.find(c) != std::string_view::npos;
    if (!allowed) c = '_';
  }
  if (valid.empty() || kDigits.find(valid.front()) != std::string_view::npos) {
    valid.insert(valid.begin(), '_');
  }
  return valid;
}

bool Has(const Labels& labels, std::string_view name) {
  return std::ranges::find(labels, name, &Label::name) != labels.end();
}

}  // namespace

Labels RemoteLabels(const std::string& device, const Series& series, const Labels& more) {
  Labels labels = more;
  labels.push_back({"__name__", ValidName(series.metric, ":")});
  labels.push_back({std::string(kRemoteDeviceLabel), device});
  for (const Label& label : series.labels) {
    std::string name = ValidName(label.name, "");
    while (Has(labels, name)) name.insert(0, "exported_");
    if (!label.value.empty()) labels.push_back({std::move(name), label.value});
  }
  std::ranges::sort(labels);
  return labels;
}

}  // namespace edgefeed
