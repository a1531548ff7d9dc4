#include <cstdint>

#include "agent/status/findings.h"
#include "agent/status/render.h"
#include "agent/status/words.h"
#include "common/base/json.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;
using OptionalMillis = std::optional<milliseconds>;

void AddSeconds(JsonLine& json, std::string_view key, OptionalMillis duration) {
  if (!duration) return json.AddNull(key);
  json.Add(key, std::chrono::duration_cast<std::chrono::seconds>(*duration).count());
}

// What others have said.
void AddPlain(JsonLine& json, std::string_view key, std::string_view text) {
  json.Add(key, PlainLine(text));
}

void AddTrouble(JsonLine& json, const LinkStatus& link) {
  if (link.connected || !link.trouble) {
    for (const std::string_view key : {"trouble", "code", "message"}) json.AddNull(key);
    return;
  }
  json.Add("trouble", TroubleName(*link.trouble));
  json.Add("code", CodeName(link.why.code));
  AddPlain(json, "message", link.why.message);
}

void AddCollector(JsonLine& json, const LinkStatus& link) {
  json.BeginObject("collector");
  json.Add("connected", link.connected);
  AddPlain(json, "address", link.collector);
  AddSeconds(json, "connected_seconds", link.connected ? link.for_time : milliseconds(0));
  AddSeconds(json, "offline_seconds", link.connected ? milliseconds(0) : link.for_time);
  AddTrouble(json, link);
  json.Add("attempts", link.attempts);
  AddSeconds(json, "next_attempt_seconds", link.next_attempt_in);
  AddSeconds(json, "acknowledged_seconds_ago", link.acknowledged_ago);
  json.Add("connects", link.connects);
  json.End();
}

void AddSamples(JsonLine& json, const SamplesStatus& samples) {
  json.BeginObject("samples");
  json.Add("interval_ms", samples.interval.count());
  json.Add("last_ms_ago",
           samples.last_ago ? std::optional(samples.last_ago->count()) : std::nullopt);
  json.Add("taken", samples.taken);
  json.Add("acknowledged", samples.acknowledged);
  json.Add("queued", samples.queued);
  json.Add("queued_on_disk", samples.queued_on_disk);
  AddSeconds(json, "oldest_queued_seconds", samples.oldest_queued);
  json.BeginObject("dropped");
  for (const auto& [reason, count] : samples.dropped) json.Add(reason, count);
  json.End();
  json.End();
}

void AddAlertsAndDumps(JsonLine& json, const AgentStatus& status) {
  json.BeginObject("alerts");
  json.Add("received", status.alerts_received);
  json.Add("skipped", status.alerts_skipped);
  json.End();
  json.BeginObject("dumps");
  json.Add("waiting", status.dumps.waiting);
  json.Add("bytes", status.dumps.bytes.count);
  json.Add("quarantined", status.dumps.quarantined);
  json.Add("delivered", status.dumps.delivered);
  json.End();
}

void AddApplications(JsonLine& json, const std::optional<ApplicationsStatus>& applications) {
  if (!applications) return json.AddNull("applications");
  json.BeginObject("applications");
  json.Add("series", applications->series);
  json.Add("lines", applications->lines);
  json.BeginArray("dropped");
  for (const ApplicationsStatus::Dropped& dropped : applications->dropped) {
    json.BeginObject("");
    json.Add("application", dropped.application);
    json.Add("reason", dropped.reason);
    json.Add("lines", dropped.lines);
    json.End();
  }
  json.End();
  json.Add("lost_datagrams", applications->lost_datagrams);
  json.End();
}

void AddClock(JsonLine& json, const AgentStatus& status) {
  json.BeginObject("clock");
  json.Add("trust", ClockTrustName(status.clock));
  json.Add("time", FormatTime(status.time));
  json.Add("system_ahead_ms", status.system_clock_ahead.count());
  json.End();
}

void AddCertificate(JsonLine& json, std::string_view key,
                    const std::optional<CertificateStatus>& certificate, WallTime now) {
  if (!certificate) return json.AddNull(key);
  json.BeginObject(key);
  AddPlain(json, "file", certificate->file.native());
  json.Add("not_before", FormatTime(certificate->not_before));
  json.Add("not_after", FormatTime(certificate->not_after));
  const auto left = certificate->not_after - now;
  json.Add("days_left", std::chrono::floor<std::chrono::days>(left).count());
  json.End();
}

void AddTls(JsonLine& json, const AgentStatus& status) {
  json.BeginObject("tls");
  json.Add("used", status.uses_tls);
  AddCertificate(json, "cert", status.certificate, status.time);
  AddCertificate(json, "ca", status.ca, status.time);
  json.End();
}

void AddToday(JsonLine& json, const TodayStatus& today) {
  json.BeginObject("today");
  json.Add("since", FormatTime(today.since));
  json.Add("sent_bytes", today.sent_bytes);
  json.Add("received_bytes", today.received_bytes);
  json.Add("disk_written_bytes", today.disk_written_bytes);
  json.End();
}

void AddReload(JsonLine& json, const std::optional<ReloadStatus>& reload) {
  if (!reload) return json.AddNull("reload");
  json.BeginObject("reload");
  AddSeconds(json, "seconds_ago", reload->ago);
  if (reload->error) {
    AddPlain(json, "error", *reload->error);
  } else {
    json.AddNull("error");
  }
  json.End();
}

void AddFindings(JsonLine& json, const std::vector<Finding>& findings) {
  json.BeginArray("findings");
  for (const Finding& finding : findings) {
    json.BeginObject("");
    json.Add("level", finding.level == Finding::Level::kProblem ? "problem" : "warning");
    json.Add("about", finding.about);
    json.Add("what", finding.what);
    json.Add("advice", finding.advice);
    json.End();
  }
  json.End();
}

}  // namespace

std::string StatusJson(const AgentStatus& status) {
  const std::vector<Finding> findings = FindingsOf(status);
  JsonLine json;
  json.Add("healthy", IsHealthy(findings));
  AddPlain(json, "device", status.device);
  json.Add("version", status.version);
  AddPlain(json, "config", status.config.native());
  json.Add("pid", status.pid);
  AddSeconds(json, "uptime_seconds", status.uptime);
  json.Add("resident_bytes", status.resident_bytes);
  AddCollector(json, status.link);
  AddSamples(json, status.samples);
  AddAlertsAndDumps(json, status);
  AddApplications(json, status.applications);
  AddClock(json, status);
  AddTls(json, status);
  AddToday(json, status.today);
  AddReload(json, status.reload);
  AddFindings(json, findings);
  return json.text();
}

}  // namespace edgefeed
