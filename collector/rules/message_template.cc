#include "collector/rules/message_template.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/base/text.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kLabelPrefix = "labels.";
constexpr std::string_view kDeviceLabelPrefix = "device.labels.";
constexpr std::string_view kVariables =
    "device, rule, metric, value, threshold, severity, function, window, labels.NAME, "
    "device.labels.NAME";

std::string ValueOf(const Labels& labels, const std::string& name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? "" : found->value;
}

bool IsLabelName(std::string_view text) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

// `position` counts from 0.
Error At(std::size_t position, const std::string& what) {
  return Error{Code::kInvalidArgument, fmt::format("at character {}: {}", position + 1, what)};
}

}  // namespace

std::string FormatValue(double value) { return fmt::format("{:.6g}", value); }

Result<MessageTemplate> MessageTemplate::Parse(std::string_view text) {
  MessageTemplate parsed;
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t open = text.find(kOpen, position);
    if (open != position) {
      parsed.pieces_.push_back({.text = std::string(text.substr(position, open - position))});
    }
    if (open == std::string_view::npos) break;
    const std::size_t name = open + kOpen.size();
    const std::size_t close = text.find(kClose, name);
    if (close == std::string_view::npos) return At(open, "{{ has no closing }}");
    auto piece = ParseVariable(Trim(text.substr(name, close - name)), open);
    if (!piece) return piece.error();
    parsed.pieces_.push_back(*std::move(piece));
    position = close + kClose.size();
  }
  return parsed;
}

Result<MessageTemplate::Piece> MessageTemplate::ParseVariable(std::string_view name,
                                                              std::size_t position) {
  static constexpr std::array<std::pair<std::string_view, Variable>, 8> kNamed = {{
      {"device", Variable::kDevice},
      {"rule", Variable::kRule},
      {"metric", Variable::kMetric},
      {"value", Variable::kValue},
      {"threshold", Variable::kThreshold},
      {"severity", Variable::kSeverity},
      {"function", Variable::kFunction},
      {"window", Variable::kWindow},
  }};
  for (const auto& [known, variable] : kNamed) {
    if (known == name) return Piece{.variable = variable, .text = {}};
  }
  for (const auto& [prefix, variable] : {std::pair{kLabelPrefix, Variable::kLabel},
                                         std::pair{kDeviceLabelPrefix, Variable::kDeviceLabel}}) {
    if (name.starts_with(prefix) && IsLabelName(name.substr(prefix.size()))) {
      return Piece{.variable = variable, .text = std::string(name.substr(prefix.size()))};
    }
  }
  return At(position, fmt::format("{{{{{}}}}} is not known, allowed are {}", name, kVariables));
}

std::string MessageTemplate::Render(const MessageFields& fields) const {
  std::string text;
  for (const Piece& piece : pieces_) text += RenderPiece(piece, fields);
  return text;
}

std::string MessageTemplate::RenderPiece(const Piece& piece, const MessageFields& fields) {
  switch (piece.variable) {
    case Variable::kDevice: return std::string(fields.device);
    case Variable::kRule: return std::string(fields.rule);
    case Variable::kMetric: return std::string(fields.metric);
    case Variable::kValue: return FormatValue(fields.value);
    case Variable::kThreshold: return FormatValue(fields.threshold);
    case Variable::kSeverity: return std::string(SeverityName(fields.severity));
    case Variable::kFunction: return std::string(FunctionName(fields.function));
    case Variable::kWindow: return fields.window.count() > 0 ? FormatDuration(fields.window) : "";
    case Variable::kLabel: return ValueOf(fields.labels, piece.text);
    case Variable::kDeviceLabel: return ValueOf(fields.device_labels, piece.text);
    case Variable::kNone: return piece.text;
  }
  return {};
}

}  // namespace edgefeed
