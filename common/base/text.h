#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace edgefeed {

// Text of the kernel's kind: lines of fields between blanks.

constexpr std::string_view kBlanks = " \t\r\n";

constexpr std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Takes the next line off `rest`, without its newline; empty optional at the end.
constexpr std::optional<std::string_view> NextLine(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

// Takes the next field off `rest`; empty optional when only blanks are left.
constexpr std::optional<std::string_view> NextField(std::string_view& rest) {
  const auto first = rest.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    rest = {};
    return std::nullopt;
  }
  rest.remove_prefix(first);
  const auto field = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(field.size());
  return field;
}

// The whole of `text` as a number, or nothing.
template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The same of hexadecimal digits, without a prefix.
template <typename Number>
std::optional<Number> ParseHexNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace edgefeed
