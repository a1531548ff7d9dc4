#include "agent/outbox/inspect.h"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/outbox/file_storage.h"
#include "agent/outbox/segment_format.h"
#include "common/base/units.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

// A file with a segment's name, and its content.
struct OpenSegment {
  Storage::File file;
  StreamPosition named;
  std::string bytes;
  Status read;

  [[nodiscard]] SegmentReader Reader() const { return {bytes, named}; }
};

using Visit = std::function<void(const OpenSegment&)>;

std::string Plural(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

OpenSegment Load(FileStorage& storage, const Storage::File& file, const StreamPosition& named) {
  OpenSegment segment{.file = file, .named = named, .bytes = {}, .read = {}};
  auto bytes = storage.Read(file.name);
  if (bytes) {
    segment.bytes = *std::move(bytes);
  } else {
    segment.read = bytes.error();
  }
  return segment;
}

// `path` is a segment. It is visited if its name is one's.
Status VisitOne(const std::filesystem::path& path, const Visit& visit) {
  const std::string name = path.filename().string();
  const auto named = ParseSegmentName(name);
  if (!named) return Error{Code::kNotFound, path.string() + ": not the name of a segment"};
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return ErrnoError(path.string(), error.value());
  FileStorage storage(path.parent_path().empty() ? "." : path.parent_path());
  visit(Load(storage, {name, {size}}, *named));
  return {};
}

// Oldest stream first; of all files but one at a time is in memory.
Status ForEachSegment(const std::filesystem::path& directory, const Visit& visit) {
  std::error_code error;
  if (std::filesystem::is_regular_file(directory, error)) return VisitOne(directory, visit);
  if (!std::filesystem::is_directory(directory, error)) {
    return Error{Code::kNotFound, directory.string() + ": no such directory"};
  }
  FileStorage storage(directory);
  const auto files = storage.List();
  if (!files) return files.error();
  using Key = std::tuple<std::uint32_t, StreamId, std::uint64_t>;
  std::vector<std::pair<Key, Storage::File>> found;
  for (const Storage::File& file : *files) {
    const auto named = ParseSegmentName(file.name);
    if (!named) continue;
    const auto header = Load(storage, file, *named).Reader().header();
    found.push_back({{header.stream_order, header.stream, named->sequence}, file});
  }
  std::ranges::sort(found, {}, &std::pair<Key, Storage::File>::first);
  for (const auto& [key, file] : found) visit(Load(storage, file, *ParseSegmentName(file.name)));
  return {};
}

// What there is in one segment.
struct Examined {
  std::uint64_t samples = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  WallTime from;
  WallTime to;
  Damage damage;
};

Examined Examine(const OpenSegment& segment) {
  Examined content;
  SegmentReader reader = segment.Reader();
  while (const auto record = reader.Next()) {
    const auto samples = reader.Decode(*record);
    if (!samples) {
      content.damage += {.records = 1, .samples = record->numbers.sequences.size()};
      continue;
    }
    if (content.samples == 0) {
      content.first = samples->front().position.sequence;
      content.from = samples->front().time;
    }
    content.samples += samples->size();
    content.last = samples->back().position.sequence;
    content.to = samples->back().time;
  }
  content.damage += reader.damage();
  if (!segment.read) content.damage += {.records = 1, .bytes = segment.file.size.count};
  return content;
}

std::string ListLine(const OpenSegment& segment) {
  const std::string start = segment.file.name + "  " + FormatBytes(segment.file.size);
  if (!segment.read) return start + "  unreadable: " + segment.read.error().message;
  if (segment.Reader().newer()) return start + "  of a newer version";
  const Examined content = Examine(segment);
  if (content.samples == 0) return start + "  no samples";
  return start + "  " + Plural(content.samples, "sample") + "  " + std::to_string(content.first) +
         "-" + std::to_string(content.last) + "  " + FormatTime(content.from) + " to " +
         FormatTime(content.to);
}

std::string DamageText(const Damage& damage) {
  return Plural(damage.records, "damaged record") + ", " + FormatBytes({damage.bytes}) + ", " +
         Plural(damage.samples, "sample") + " known to be lost";
}

void ExportSample(const Sample& sample, const std::vector<std::string>& series, ExportFormat format,
                  std::ostream& out) {
  const auto row = [&](std::string_view name, double value) {
    out << ExportLine(format, {sample.time, sample.position, name, value});
  };
  row(metrics::kCpuUsage.name, sample.cpu_usage_percent);
  row(metrics::kMemoryMb.name, sample.memory_used_mib);
  for (const auto& [id, value] : sample.readings) row(series[id], value);
}

void ExportSegment(const OpenSegment& segment, ExportFormat format, std::ostream& out) {
  SegmentReader reader = segment.Reader();
  while (const auto record = reader.Next()) {
    const auto samples = reader.Decode(*record);
    if (!samples) continue;
    std::vector<std::string> series(reader.series().size());
    std::ranges::transform(reader.series(), series.begin(),
                           [](const Series& one) { return ToString(one); });
    for (const Sample& sample : *samples) ExportSample(sample, series, format, out);
  }
}

}  // namespace

Status ListOutbox(const std::filesystem::path& directory, std::ostream& out) {
  return ForEachSegment(directory,
                        [&out](const OpenSegment& segment) { out << ListLine(segment) << "\n"; });
}

Result<OutboxReport> CheckOutbox(
    const std::filesystem::path& path,
    const std::function<void(const std::filesystem::path& file)>& on_file) {
  OutboxReport report;
  std::error_code error;
  const bool is_directory = std::filesystem::is_directory(path, error);
  const Status visited = ForEachSegment(path, [&](const OpenSegment& segment) {
    if (on_file) on_file(is_directory ? path / segment.file.name : path);
    const Examined content = Examine(segment);
    ++report.segments;
    report.samples += content.samples;
    report.damage += content.damage;
    if (content.damage.records != 0) {
      report.damaged.push_back(segment.file.name + ": " + DamageText(content.damage));
    }
  });
  if (!visited) return visited.error();
  return report;
}

Result<Damage> VerifyOutbox(const std::filesystem::path& directory, std::ostream& out) {
  const auto report = CheckOutbox(directory);
  if (!report) return report.error();
  for (const std::string& line : report->damaged) out << line << "\n";
  out << Plural(report->segments, "segment") << ", " << Plural(report->samples, "sample") << ": "
      << (report->damaged.empty() ? "all whole" : DamageText(report->damage)) << "\n";
  return report->damage;
}

Status ExportOutbox(const std::filesystem::path& directory, ExportFormat format,
                    std::ostream& out) {
  std::string heading = ExportHeading(format);
  return ForEachSegment(directory, [&](const OpenSegment& segment) {
    out << std::exchange(heading, {});
    ExportSegment(segment, format, out);
  });
}

}  // namespace edgefeed
