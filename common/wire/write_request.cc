#include "common/wire/write_request.h"

#include <google/protobuf/arena.h>
#include <snappy.h>

#include "remote_write.pb.h"

namespace edgefeed {

std::string EncodeWriteRequest(std::span<const RemoteSeries> series) {
  google::protobuf::Arena arena;
  auto* const request = google::protobuf::Arena::CreateMessage<remote_write::WriteRequest>(&arena);
  for (const RemoteSeries& each : series) {
    auto* const wire = request->add_timeseries();
    for (const Label& label : each.labels) {
      auto* const wire_label = wire->add_labels();
      wire_label->set_name(label.name);
      wire_label->set_value(label.value);
    }
    for (const RemotePoint& point : each.points) {
      auto* const sample = wire->add_samples();
      sample->set_value(point.value);
      sample->set_timestamp(point.time.time_since_epoch().count());
    }
  }
  const std::string plain = request->SerializeAsString();
  std::string packed;
  snappy::Compress(plain.data(), plain.size(), &packed);
  return packed;
}

}  // namespace edgefeed
