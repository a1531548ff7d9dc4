#include "agent/app/dump_upload.h"

#include <utility>

#include "agent/app/stage_settings.h"

namespace edgefeed {

Result<std::unique_ptr<DumpUpload>> DumpUpload::Create(const AgentConfig& config, Strand& strand,
                                                       DumpQueue& queue) {
  auto transport = GrpcUploadTransport::Create(strand, config.service_name, config.tls);
  if (!transport) return transport.error();
  return std::unique_ptr<DumpUpload>(new DumpUpload(config, strand, queue, std::move(*transport)));
}

DumpUpload::DumpUpload(const AgentConfig& config, Strand& strand, DumpQueue& queue,
                       std::unique_ptr<GrpcUploadTransport> transport)
    : transport_(std::move(transport)),
      uploader_(UploadConfigFor(config, strand.SinceBoot()), strand, *transport_, queue) {}

void DumpUpload::SetLine(Line line) {
  if (line == Line::kBusy) return uploader_.Pause();
  uploader_.Resume();
}

void DumpUpload::Stop(const std::function<void()>& done) {
  uploader_.Stop();
  transport_->WhenIdle(done);
}

}  // namespace edgefeed
