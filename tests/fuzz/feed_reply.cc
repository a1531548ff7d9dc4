// common/wire/response, upload_report: what an agent hears from whatever says that it is a
// collector.
#include "common/wire/response.h"
#include "common/wire/upload_report.h"
#include "fileupload.pb.h"
#include "telemetry.pb.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/silent_protobuf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = edgefeed::SilenceProtobuf();
  (void)silent;
  telemetry::AlertResponse wire;
  if (wire.ParseFromArray(data, static_cast<int>(size))) {
    const edgefeed::FeedReply reply = edgefeed::FromWire(wire);
    telemetry::AlertResponse again;
    edgefeed::ToWire(reply, again);
    edgefeed::Promise(edgefeed::FromWire(again).alert.has_value() == reply.alert.has_value(),
                      "an alert stays one");
  }
  fileupload::UploadResponse upload;
  if (upload.ParseFromArray(data, static_cast<int>(size))) {
    const auto report = edgefeed::FromWire(upload);
    edgefeed::Promise(report.sha256.empty() || report.sha256.size() == 32, "a digest is one");
  }
  return 0;
}
