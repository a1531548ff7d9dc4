#include "agent/app/dump_upload.h"

#include <utility>

#include "agent/app/stage_settings.h"

namespace edgefeed {

DumpUpload::DumpUpload(const AgentConfig& config, std::shared_ptr<const SharedTls> tls,
                       Strand& strand, DumpQueue& queue)
    : transport_(strand, config.service_name, std::move(tls)),
      uploader_(UploadConfigFor(config, strand.SinceBoot()), strand, transport_, queue) {}

void DumpUpload::SetLine(Line line) {
  if (line == Line::kBusy) return uploader_.Pause();
  uploader_.Resume();
}

void DumpUpload::Stop(const std::function<void()>& done) {
  uploader_.Stop();
  transport_.WhenIdle(done);
}

}  // namespace edgefeed
