#include "collector/access/audit_log.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/base/file.h"
#include "common/base/json.h"

namespace edgefeed {
namespace {

// Of each field: what a stranger sends does not fill the file.
constexpr std::size_t kMaxField = 300;

std::string KindOf(const AuditEvent& event) {
  std::string kind;
  // Without the port: each connection has another one.
  const std::string host = event.address.substr(0, event.address.rfind(':'));
  for (const std::string* field :
       {&event.reason, &event.who, &host, &event.method, &event.object}) {
    kind += *field;
    kind += '\n';
  }
  return kind;
}

void Add(JsonLine& line, std::string_view key, const std::string& text) {
  if (!text.empty()) line.Add(key, std::string_view(text).substr(0, kMaxField));
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path file, Scheduler& strand, CollectorStats& stats,
                   Bytes max_size)
    : file_(std::move(file)), strand_(strand), stats_(stats), max_size_(max_size) {}

void AuditLog::Write(AuditEvent event) {
  if (waiting_.fetch_add(1) >= kMostWaiting) {
    --waiting_;
    ++stats_.audit_lines_lost;
    return;
  }
  strand_.Post([this, event = std::move(event)]() mutable {
    --waiting_;
    Take(std::move(event));
  });
}

void AuditLog::Take(AuditEvent event) {
  if (event.event != "refused") return Append(event, 1);
  if (refusals_.empty()) flush_ = strand_.RunAfter(kAlikeFor, [this] { Flush(); });
  std::string kind = KindOf(event);
  if (const auto found = refusals_.find(kind); found != refusals_.end()) {
    ++found->second.left_out;
    return;
  }
  if (refusals_.size() >= kMostKinds) {
    ++stats_.audit_lines_lost;
    return;
  }
  spdlog::warn("refused {}: {}", event.address, event.detail);
  Append(event, 1);
  refusals_.emplace(std::move(kind), Alike{.event = std::move(event), .left_out = 0});
}

void AuditLog::Flush() {
  for (const auto& [kind, alike] : refusals_) {
    if (alike.left_out == 0) continue;
    spdlog::warn("refused {}, {} times more: {}", alike.event.address, alike.left_out,
                 alike.event.detail);
    Append(alike.event, alike.left_out);
  }
  refusals_.clear();
  flush_.Cancel();
}

void AuditLog::Append(const AuditEvent& event, std::uint64_t times) {
  JsonLine line;
  line.Add("time", FormatTime(strand_.WallNow()));
  Add(line, "event", event.event);
  Add(line, "reason", event.reason);
  Add(line, "who", event.who);
  Add(line, "address", event.address);
  Add(line, "method", event.method);
  Add(line, "object", event.object);
  Add(line, "detail", event.detail);
  if (times > 1) line.Add("times", times);
  const Status written = AppendLine(line.text() + "\n");
  if (!written) {
    ++stats_.audit_lines_lost;
    if (!std::exchange(failing_, true)) spdlog::error("audit: {}", written.error().message);
    return;
  }
  if (std::exchange(failing_, false)) spdlog::info("audit: {} takes lines again", file_.string());
}

Status AuditLog::AppendLine(const std::string& line) {
  if (fd_.valid() && size_bytes_ + line.size() > max_size_.count) {
    std::error_code error;
    std::filesystem::rename(file_, file_.string() + ".1", error);
    if (error) return ErrnoError(file_.string(), error.value());
    fd_ = UniqueFd();
  }
  if (!fd_.valid()) {
    if (const Status opened = OpenFile(); !opened) return opened;
  }
  const Status written = WriteAll(fd_.get(), line, file_.string());
  if (written) size_bytes_ += line.size();
  return written;
}

Status AuditLog::OpenFile() {
  UniqueFd fd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  struct stat found{};
  if (!fd.valid() || ::fstat(fd.get(), &found) != 0) return ErrnoError(file_.string(), errno);
  fd_ = std::move(fd);
  size_bytes_ = static_cast<std::uint64_t>(found.st_size);
  return {};
}

}  // namespace edgefeed
