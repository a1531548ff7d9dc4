// Parses /proc/pressure/{cpu,memory,io}.
//   some avg10=0.16 avg60=0.11 avg300=0.47 total=20036541     (percent; microseconds)
//   full avg10=0.00 avg60=0.00 avg300=0.00 total=0
#include "agent/proc/pressure.h"

#include <string>
#include <vector>

#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

template <typename Number>
std::optional<Number> NamedNumber(std::string_view field, std::string_view prefix) {
  if (!field.starts_with(prefix)) return std::nullopt;
  return ParseNumber<Number>(field.substr(prefix.size()));
}

std::optional<PressureLine> ParseLine(std::string_view fields) {
  std::optional<double> avg10;
  std::optional<std::uint64_t> total;
  while (const auto field = NextField(fields)) {
    if (!avg10) avg10 = NamedNumber<double>(*field, "avg10=");
    if (!total) total = NamedNumber<std::uint64_t>(*field, "total=");
  }
  if (!avg10 || !total) return std::nullopt;
  return PressureLine{*avg10, *total};
}

struct Resource {
  KernelFile file;
  std::string name;
};

void Add(const PressureLine& line, const std::string& resource, const char* stall,
         MachineState& state) {
  const Labels labels = {{"resource", resource}, {"stall", stall}};
  state.Add(metrics::kPressureAvg10, line.avg10_percent / 100, labels);
  state.Add(metrics::kPressureSeconds, static_cast<double>(line.total_us) / 1e6, labels);
}

class PressureSource final : public Source {
 public:
  explicit PressureSource(std::vector<Resource> resources) : resources_(std::move(resources)) {}

  Status Read(MachineState& state) override {
    Status status;
    for (Resource& resource : resources_) {
      if (Status one = ReadOne(resource, state); !one) status = std::move(one);
    }
    return status;
  }

 private:
  static Status ReadOne(Resource& resource, MachineState& state) {
    const auto text = resource.file.ReadText();
    if (!text) return text.error();
    const Pressure pressure = ParsePressure(*text);
    if (pressure.some) Add(*pressure.some, resource.name, "some", state);
    if (pressure.full) Add(*pressure.full, resource.name, "full", state);
    if (!pressure.some) return Error{Code::kDataLoss, resource.file.path() + ": no line 'some'"};
    return {};
  }

  std::vector<Resource> resources_;
};

}  // namespace

Pressure ParsePressure(std::string_view text) {
  Pressure pressure;
  while (auto line = NextLine(text)) {
    const auto kind = NextField(*line);
    if (kind == "some") pressure.some = ParseLine(*line);
    if (kind == "full") pressure.full = ParseLine(*line);
  }
  return pressure;
}

SourceResult OpenPressure(const KernelRoots& roots) {
  std::vector<Resource> resources;
  for (const char* name : {"cpu", "memory", "io"}) {
    auto file = KernelFile::Open(roots.proc / "pressure" / name);
    // With psi=0 on the kernel's command line the files open, and cannot be read.
    if (file && file->ReadText()) resources.push_back({*std::move(file), name});
  }
  if (resources.empty()) return Error{Code::kNotFound, "no /proc/pressure"};
  return std::unique_ptr<Source>(std::make_unique<PressureSource>(std::move(resources)));
}

}  // namespace edgefeed
