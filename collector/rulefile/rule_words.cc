#include "collector/rulefile/rule_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <vector>

#include "common/config/scalars.h"
#include "common/config/suggest.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxRuleName = 64;
constexpr std::size_t kMaxDeviceName = 128;

bool IsOf(std::string_view text, std::size_t max_size, std::string_view others) {
  const auto allowed = [&](unsigned char c) {
    return std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= max_size && std::ranges::all_of(text, allowed);
}

// Which of the words it is.
Result<std::size_t> ParseWord(std::string_view text, std::span<const std::string_view> words) {
  std::vector<std::string> names;
  std::string wanted = "one of ";
  for (const std::string_view word : words) {
    if (word == text) return names.size();
    wanted += (names.empty() ? "" : ", ") + std::string(word);
    names.emplace_back(word);
  }
  const auto meant = ClosestName(text, names);
  return NotA(text, wanted + (meant ? " (did you mean " + *meant + "?)" : ""));
}

template <typename Enum>
Result<Enum> ParseEnum(std::string_view text, std::span<const std::string_view> words) {
  const auto number = ParseWord(text, words);
  if (!number) return number.error();
  return static_cast<Enum>(*number);
}

}  // namespace

Result<std::string> ParseRuleName(std::string_view text) {
  if (IsOf(text, kMaxRuleName, "_.:-")) return std::string(text);
  return NotA(text, "a name of up to 64 letters, digits and _ . : -");
}

Result<Severity> ParseSeverity(std::string_view text) {
  return ParseEnum<Severity>(text, kSeverityNames);
}

Result<RuleFunction> ParseFunction(std::string_view text) {
  return ParseEnum<RuleFunction>(text, kRuleFunctionNames);
}

Result<NoDataState> ParseNoDataState(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kNames = {"keep", "ok", "firing"};
  return ParseEnum<NoDataState>(text, kNames);
}

Result<std::string> ParseDeviceGlob(std::string_view text) {
  if (IsOf(text, kMaxDeviceName, "_.:-*?")) return std::string(text);
  return NotA(text,
              "up to 128 letters, digits and _ . : - of a device's name, with * for any of "
              "them and ? for one");
}

Result<MessageTemplate> ParseMessage(std::string_view text) {
  if (text.empty()) return NotA(text, "a message");
  return MessageTemplate::Parse(text);
}

}  // namespace edgefeed
