#include "agent/outbox/export_row.h"

#include <array>
#include <charconv>
#include <cmath>

#include "common/base/json.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

// Never shorter than `digits`, with zeros in front.
std::string Padded(std::uint64_t number, std::size_t digits, int base) {
  std::array<char, 20> text{};
  std::string padded(text.data(), std::to_chars(text.begin(), text.end(), number, base).ptr);
  if (padded.size() < digits) padded.insert(0, digits - padded.size(), '0');
  return padded;
}

std::string FormatValue(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

// RFC 4180.
std::string CsvField(std::string_view text) {
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field.push_back('"');
    field.push_back(c);
  }
  return field.append("\"");
}

}  // namespace

std::string ExportHeading(ExportFormat format) {
  return format == ExportFormat::kCsv ? "time,stream,sequence,series,value\n" : "";
}

std::string ExportLine(ExportFormat format, const ExportRow& row) {
  const std::string time = FormatTime(row.time);
  const std::string stream = FormatStream(row.position.stream);
  const std::string sequence = std::to_string(row.position.sequence);
  const std::string value = FormatValue(row.value);
  if (format == ExportFormat::kCsv) {
    return time + "," + stream + "," + sequence + "," + CsvField(row.series) + "," + value + "\n";
  }
  return R"({"time":")" + time + R"(","stream":")" + stream + R"(","sequence":)" + sequence +
         R"(,"series":)" + JsonString(row.series) + R"(,"value":)" +
         (std::isfinite(row.value) ? value : "null") + "}\n";
}

std::string FormatStream(StreamId stream) { return Padded(stream, 16, 16); }

}  // namespace edgefeed
