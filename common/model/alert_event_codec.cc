#include "common/model/alert_event_codec.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kKinds = 3;
constexpr std::uint64_t kChanges = 7;

}  // namespace

void Put(const AlertEvent& event, ByteWriter& writer) {
  writer.Text(event.key.device);
  writer.Text(event.key.rule);
  writer.Text(event.key.series.metric);
  writer.Add(event.key.series.labels);
  writer.Choice(event.kind);
  writer.Choice(event.change);
  writer.Choice(event.severity);
  writer.Real(event.value);
  writer.Real(event.threshold);
  writer.Text(event.message);
  writer.Time(event.time);
  writer.Flag(event.late);
  writer.Add(event.device_labels);
  writer.Text(event.parent);
}

AlertEvent TakeAlertEvent(ByteReader& reader) {
  AlertEvent event;
  event.key.device = reader.Text();
  event.key.rule = reader.Text();
  event.key.series.metric = reader.Text();
  event.key.series.labels = reader.TakeLabels();
  event.kind = reader.Choice<AlertKind>(kKinds);
  event.change = reader.Choice<AlertChange>(kChanges);
  event.severity = reader.Choice<Severity>(kSeverityNames.size());
  event.value = reader.Real();
  event.threshold = reader.Real();
  event.message = reader.Text();
  event.time = reader.Time();
  event.late = reader.Flag();
  event.device_labels = reader.TakeLabels();
  event.parent = reader.Text();
  return event;
}

}  // namespace edgefeed
