#include "agent/statsd/names.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

char PlainCharacter(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return (c >= 'a' && c <= 'z') || IsDigit(c) ? c : '_';
}

std::optional<Label> LabelOf(std::string_view tag) {
  const auto colon = tag.find(':');
  const std::string_view name = tag.substr(0, colon);
  const std::string_view value =
      colon == std::string_view::npos ? std::string_view("true") : tag.substr(colon + 1);
  if (name.empty() || name.size() >= kMostNameBytes || value.size() > kMostTagValueBytes) {
    return std::nullopt;
  }
  Label label{.name = PlainName(name), .value = std::string(value)};
  std::ranges::replace_if(label.value, [](char c) { return c < ' ' || c > '~'; }, '?');
  return label;
}

}  // namespace

std::string PlainName(std::string_view text) {
  std::string name;
  name.reserve(text.size() + 1);
  if (!text.empty() && IsDigit(text.front())) name += '_';
  std::ranges::transform(text, std::back_inserter(name), PlainCharacter);
  return name;
}

std::string ApplicationOf(std::string_view line) {
  return PlainName(line.substr(0, std::min(line.find_first_of(".:|"), kMostApplicationNameBytes)))
      .substr(0, kMostApplicationNameBytes);
}

std::optional<Labels> LabelsOf(std::string_view tags) {
  Labels labels;
  while (!tags.empty()) {
    const auto comma = tags.find(',');
    auto label = LabelOf(tags.substr(0, comma));
    if (!label || labels.size() == kMostTags) return std::nullopt;
    labels.push_back(std::move(*label));
    tags.remove_prefix(comma == std::string_view::npos ? tags.size() : comma + 1);
  }
  std::ranges::sort(labels);
  if (std::ranges::adjacent_find(labels, {}, &Label::name) != labels.end()) return std::nullopt;
  return labels;
}

}  // namespace edgefeed
