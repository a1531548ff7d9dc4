#include "common/base/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace edgefeed {

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out.append("\"");
}

void JsonLine::Add(std::string_view key, std::string_view text) {
  AddKey(key);
  text_ += JsonString(text);
}

void JsonLine::Add(std::string_view key, bool value) {
  AddKey(key);
  text_ += value ? "true" : "false";
}

void JsonLine::Add(std::string_view key, double value) {
  if (!std::isfinite(value)) return AddNull(key);
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  AddKey(key);
  text_.append(digits.data(), end);
}

void JsonLine::AddSigned(std::string_view key, std::int64_t value) {
  AddKey(key);
  text_ += std::to_string(value);
}

void JsonLine::AddUnsigned(std::string_view key, std::uint64_t value) {
  AddKey(key);
  text_ += std::to_string(value);
}

void JsonLine::AddNull(std::string_view key) {
  AddKey(key);
  text_ += "null";
}

void JsonLine::Begin(std::string_view key, char bracket) {
  AddKey(key);
  text_ += bracket;
  open_ += bracket;
}

void JsonLine::End() {
  text_ += open_.back() == '{' ? '}' : ']';
  open_.pop_back();
}

std::string JsonLine::text() const { return text_ + "}"; }

void JsonLine::AddKey(std::string_view key) {
  if (text_.back() != '{' && text_.back() != '[') text_ += ',';
  if (!key.empty()) text_.append(JsonString(key)).append(":");
}

}  // namespace edgefeed
