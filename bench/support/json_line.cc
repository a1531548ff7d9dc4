#include "bench/support/json_line.h"

#include <cstdio>

namespace edgefeed::bench {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

}  // namespace

JsonLine& JsonLine::Add(std::string_view key, std::string_view value) {
  return AddRaw(key, Quoted(value));
}

JsonLine& JsonLine::Add(std::string_view key, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f", value);
  return AddRaw(key, text);
}

JsonLine& JsonLine::Add(std::string_view key, const Counts& value) {
  std::string json;
  for (const auto& [name, count] : value) {
    json += (json.empty() ? "" : ",") + Quoted(name) + ":" + std::to_string(count);
  }
  return AddRaw(key, "{" + json + "}");
}

JsonLine& JsonLine::AddRaw(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ",";
  members_ += Quoted(key) + ":";
  members_ += json;
  return *this;
}

void JsonLine::Print() const {
  std::printf("{%s}\n", members_.c_str());
  std::fflush(stdout);
}

}  // namespace edgefeed::bench
