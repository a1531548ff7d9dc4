#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edgefeed {

// The text as a JSON string, with its quotes (RFC 8259). Whatever is not UTF-8 stays as it is.
std::string JsonString(std::string_view text);

// A JSON object on one line, written key by key. In an array the keys are empty.
class JsonLine {
 public:
  void Add(std::string_view key, std::string_view text);
  void Add(std::string_view key, const char* text) { Add(key, std::string_view(text)); }
  void Add(std::string_view key, bool value);
  // The shortest that reads back as the same; null for infinity and NaN, which JSON has not.
  void Add(std::string_view key, double value);
  template <std::integral Number>
  void Add(std::string_view key, Number value) {
    if constexpr (std::signed_integral<Number>) {
      AddSigned(key, value);
    } else {
      AddUnsigned(key, value);
    }
  }
  // Nothing is null.
  template <typename T>
  void Add(std::string_view key, const std::optional<T>& value) {
    if (value) return Add(key, *value);
    AddNull(key);
  }
  void AddNull(std::string_view key);
  // What is added until the End() that belongs to it goes into an object, or an array.
  void BeginObject(std::string_view key) { Begin(key, '{'); }
  void BeginArray(std::string_view key) { Begin(key, '['); }
  void End();

  // The whole; each Begin has had its End().
  [[nodiscard]] std::string text() const;

 private:
  void AddSigned(std::string_view key, std::int64_t value);
  void AddUnsigned(std::string_view key, std::uint64_t value);
  void Begin(std::string_view key, char bracket);
  void AddKey(std::string_view key);

  std::string text_ = "{";
  std::string open_;  // The brackets, outermost first.
};

}  // namespace edgefeed
