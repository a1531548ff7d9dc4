#include "agent/app/status_desk.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "agent/app/status_parts.h"
#include "agent/proc/self_io.h"
#include "agent/status/render.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

std::optional<SeriesId> Find(SeriesTable& series, const MetricInfo& metric) {
  return series.Intern({std::string(metric.name), {}});
}

}  // namespace

StatusDesk::StatusDesk(Context context)
    : context_(std::move(context)),
      started_(context_.strand.Now()),
      started_since_boot_(context_.strand.SinceBoot()),
      sent_(Find(context_.series, metrics::kAgentNetworkTransmitBytes)),
      received_(Find(context_.series, metrics::kAgentNetworkReceiveBytes)),
      resident_(Find(context_.series, metrics::kAgentResidentMemory)) {}

void StatusDesk::Accept(Sample sample) {
  Count(sample);
  context_.next.Accept(std::move(sample));
}

void StatusDesk::Count(const Sample& sample) {
  last_sample_ = context_.strand.Now();
  for (const auto& [series, value] : sample.readings) {
    const auto number = static_cast<std::uint64_t>(value);
    if (series == sent_) total_.sent_bytes = number;
    if (series == received_) total_.received_bytes = number;
    if (series == resident_) resident_bytes_ = number;
  }
  const auto written = ReadWrittenBytes({});
  counts_disk_ = written.has_value();
  total_.disk_written_bytes = written.value_or(0);
  const auto since_boot = context_.strand.SinceBoot();
  const WallTime now = context_.clock.At(since_boot);
  today_.Observe(total_, now, now - (since_boot - started_since_boot_));
}

void StatusDesk::Serve(const std::filesystem::path& socket) {
  if (socket == path_ && socket_) return;
  path_ = socket;
  socket_.reset();
  if (socket.empty()) return;
  std::error_code told_by_open;
  std::filesystem::create_directories(socket.parent_path(), told_by_open);
  auto opened =
      AnswerSocket::Open(context_.strand, socket, [this] { return StatusAnswer(Gather()); });
  if (!opened) {
    return spdlog::warn("edgefeed-agent status will get no answer: {} (status.socket)",
                        opened.error().message);
  }
  socket_ = std::move(*opened);
}

void StatusDesk::NoteReload(const Status& reloaded) {
  reload_ = {context_.strand.Now(),
             reloaded ? std::nullopt : std::optional(reloaded.error().message)};
}

AgentStatus StatusDesk::Gather() const {
  const SteadyTime now = context_.strand.Now();
  const auto since = [now](SteadyTime then) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - then);
  };
  AgentStatus status{.version = EDGEFEED_VERSION,
                     .config = context_.config_file,
                     .pid = ::getpid(),
                     .uptime = since(started_),
                     .resident_bytes = resident_bytes_,
                     .time = context_.clock.At(context_.strand.SinceBoot()),
                     .clock = context_.clock.trust(),
                     .system_clock_ahead = context_.clock.SystemAhead()};
  if (const Pipeline* pipeline = context_.pipeline()) pipeline->Describe(status);
  Describe(context_.outbox.counts(), now, status.time, status);
  if (last_sample_) status.samples.last_ago = since(*last_sample_);
  status.dumps = {.waiting = context_.dumps.spool.waiting,
                  .bytes = {context_.dumps.spool.bytes},
                  .quarantined = context_.dumps.spool.quarantined,
                  .delivered = context_.dumps.spool.delivered};
  const Usage used = today_.used();
  status.today = {.since = today_.since(),
                  .sent_bytes = used.sent_bytes,
                  .received_bytes = used.received_bytes};
  if (counts_disk_) status.today.disk_written_bytes = used.disk_written_bytes;
  if (reload_) status.reload = {.ago = since(reload_->when), .error = reload_->error};
  return status;
}

}  // namespace edgefeed
