#pragma once

#include <string>
#include <string_view>

#include "collector/rules/message_template.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_function.h"
#include "common/base/result.h"
#include "common/model/severity.h"

// What the values of a rule's keys may be.
namespace edgefeed {

Result<std::string> ParseRuleName(std::string_view text);
Result<Severity> ParseSeverity(std::string_view text);
Result<RuleFunction> ParseFunction(std::string_view text);
Result<NoDataState> ParseNoDataState(std::string_view text);
// Part of a device's name, with * for any letters and ? for one.
Result<std::string> ParseDeviceGlob(std::string_view text);
Result<MessageTemplate> ParseMessage(std::string_view text);

}  // namespace edgefeed
