#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/rule_function.h"
#include "common/base/result.h"
#include "common/model/series.h"
#include "common/model/severity.h"

namespace edgefeed {

// What a message can name.
struct MessageFields {
  std::string_view device;
  std::string_view rule;
  std::string_view metric;
  double value = 0;
  double threshold = 0;
  Severity severity = Severity::kWarning;
  RuleFunction function = RuleFunction::kLast;
  std::chrono::milliseconds window{0};
  const Labels& labels;         // Of the series.
  const Labels& device_labels;  // Of the device.
};

// An alert's text with {{variables}}, taken apart once.
class MessageTemplate {
 public:
  // INVALID_ARGUMENT says which variable is not known, or which brace not closed, and where.
  static Result<MessageTemplate> Parse(std::string_view text);

  // A label that is not there, and the window of `last`, are empty.
  [[nodiscard]] std::string Render(const MessageFields& fields) const;

  friend bool operator==(const MessageTemplate&, const MessageTemplate&) = default;

 private:
  enum class Variable {
    kDevice,
    kRule,
    kMetric,
    kValue,
    kThreshold,
    kSeverity,
    kFunction,
    kWindow,
    kLabel,
    kDeviceLabel,
    kNone,  // The piece is text.
  };
  struct Piece {
    Variable variable = Variable::kNone;
    std::string text;  // Of kNone; the name of a label.
    friend bool operator==(const Piece&, const Piece&) = default;
  };

  static Result<Piece> ParseVariable(std::string_view name, std::size_t position);
  static std::string RenderPiece(const Piece& piece, const MessageFields& fields);

  std::vector<Piece> pieces_;
};

// A value as messages show it.
std::string FormatValue(double value);

}  // namespace edgefeed
