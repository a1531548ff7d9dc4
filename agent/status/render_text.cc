#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "agent/status/findings.h"
#include "agent/status/render.h"
#include "agent/status/words.h"

namespace edgefeed {
namespace {

// A smaller difference is the network's, or drift that is being slewed.
constexpr std::chrono::seconds kWorthSaying{1};
constexpr std::string_view kProblem = "PROBLEM  ";
constexpr std::string_view kWarning = "WARNING  ";
constexpr std::string_view kOk = "OK       ";
constexpr std::string_view kHealthyJson = "{\"healthy\":true,";

std::string Line(std::string_view name, const std::string& value) {
  return fmt::format("{:<13}{}\n", name, value);
}

std::string Ago(const std::optional<std::chrono::milliseconds>& time, std::string_view never) {
  return time ? DurationWords(*time) + " ago" : std::string(never);
}

std::string Head(const AgentStatus& status) {
  std::string head;
  const auto findings = FindingsOf(status);
  if (status.link.connected) {
    head = fmt::format("{}connected to {} for {}\n", kOk, PlainLine(status.link.collector),
                       DurationWords(status.link.for_time));
  }
  for (const Finding& finding : findings) {
    head += fmt::format("{}{}: {}\n         {}\n",
                        finding.level == Finding::Level::kProblem ? kProblem : kWarning,
                        finding.about, finding.what, finding.advice);
  }
  return head;
}

std::string AgentLine(const AgentStatus& status) {
  const std::string memory =
      status.resident_bytes ? ", " + FormatBytes({*status.resident_bytes}) + " of memory" : "";
  return fmt::format("{}, pid {}, up {}{}", status.version, status.pid,
                     DurationWords(status.uptime), memory);
}

std::string ConfigLine(const AgentStatus& status) {
  std::string file = PlainLine(status.config.native());
  if (!status.reload) return file;
  return fmt::format("{}, {} {} ago", file, status.reload->error ? "not reloaded" : "reloaded",
                     DurationWords(status.reload->ago));
}

std::string SamplesLine(const SamplesStatus& samples) {
  return fmt::format("every {}, the last {}; {} taken, {} acknowledged",
                     DurationWords(samples.interval), Ago(samples.last_ago, "not yet"),
                     samples.taken, samples.acknowledged);
}

std::string QueueLine(const SamplesStatus& samples) {
  std::uint64_t dropped = 0;
  for (const auto& [reason, count] : samples.dropped) dropped += count;
  const std::string oldest =
      samples.oldest_queued ? ", the oldest " + DurationWords(*samples.oldest_queued) : "";
  return fmt::format("{} samples, {} of them on disk{}; {} lost", samples.queued,
                     samples.queued_on_disk, oldest, dropped);
}

std::string ApplicationsLine(const ApplicationsStatus& applications) {
  std::uint64_t dropped = 0;
  for (const ApplicationsStatus::Dropped& each : applications.dropped) dropped += each.lines;
  return fmt::format("{} series, {} lines taken, {} not, {} datagrams lost", applications.series,
                     applications.lines, dropped, applications.lost_datagrams);
}

std::string ClockLine(const AgentStatus& status) {
  static constexpr std::array kWords = {"unknown", "a guess: it was never set",
                                        "the device's, and nobody vouches for it",
                                        "the collector's", "synchronised"};
  const auto ahead = status.system_clock_ahead;
  std::string line =
      FormatTime(status.time) + ", " + kWords.at(static_cast<std::size_t>(status.clock));
  if (std::chrono::abs(ahead) >= kWorthSaying) {
    line += fmt::format("; the system's is {} {}", DurationWords(ahead),
                        ahead.count() > 0 ? "fast" : "slow");
  }
  return line;
}

std::string CertificateLine(const std::optional<CertificateStatus>& certificate, WallTime now) {
  if (!certificate) return "none";
  const auto left = certificate->not_after - now;
  return fmt::format("{}, until {} ({}{})", PlainLine(certificate->file.native()),
                     FormatTime(certificate->not_after), DurationWords(left),
                     left.count() < 0 ? " ago" : "");
}

std::string TodayLine(const TodayStatus& today) {
  const std::string disk = today.disk_written_bytes
                               ? FormatBytes({*today.disk_written_bytes}) + " written to disk"
                               : "disk writes not counted by this kernel";
  return fmt::format("since {}: {} sent, {} received, {}", FormatTime(today.since),
                     FormatBytes({today.sent_bytes}), FormatBytes({today.received_bytes}), disk);
}

// The colour of a line that begins like this.
struct Paint {
  std::string_view begin;
  std::string_view code;
};
constexpr std::array kPaints = {Paint{kProblem, "\033[1;31m"}, Paint{kWarning, "\033[1;33m"},
                                Paint{kOk, "\033[1;32m"}};

}  // namespace

std::string StatusText(const AgentStatus& status) {
  std::string text = Head(status) + "\n";
  text += Line("device", PlainLine(status.device));
  text += Line("agent", AgentLine(status));
  text += Line("config", ConfigLine(status));
  text += Line("acknowledged", Ago(status.link.acknowledged_ago, "nothing since the start"));
  text += Line("samples", SamplesLine(status.samples));
  text += Line("queue", QueueLine(status.samples));
  text += Line("alerts", fmt::format("{} received, {} not run", status.alerts_received,
                                     status.alerts_skipped));
  text += Line("dumps", fmt::format("{} waiting ({}), {} delivered", status.dumps.waiting,
                                    FormatBytes(status.dumps.bytes), status.dumps.delivered));
  if (status.applications) text += Line("applications", ApplicationsLine(*status.applications));
  text += Line("clock", ClockLine(status));
  if (status.uses_tls) {
    text += Line("certificate", CertificateLine(status.certificate, status.time));
    text += Line("ca", CertificateLine(status.ca, status.time));
  } else {
    text += Line("tls", "off");
  }
  return text + Line("today", TodayLine(status.today));
}

std::string StatusAnswer(const AgentStatus& status) {
  return StatusJson(status) + "\n" + StatusText(status);
}

ReceivedStatus ParseStatusAnswer(std::string_view answer) {
  const std::size_t end = std::min(answer.find('\n'), answer.size());
  ReceivedStatus parts{.json = answer.substr(0, end),
                       .is_healthy = answer.starts_with(kHealthyJson)};
  if (end < answer.size()) parts.text = answer.substr(end + 1);
  return parts;
}

std::string InColour(std::string_view text) {
  std::string painted;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(size);
    const auto* const paint = std::ranges::find_if(
        kPaints, [&](const Paint& candidate) { return line.starts_with(candidate.begin); });
    if (paint == kPaints.end()) {
      painted += line;
    } else {
      painted.append(paint->code).append(paint->begin).append("\033[0m");
      painted += line.substr(paint->begin.size());
    }
  }
  return painted;
}

}  // namespace edgefeed
