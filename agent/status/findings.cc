#include "agent/status/findings.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "agent/status/words.h"

namespace edgefeed {
namespace {

using Level = Finding::Level;
using std::chrono::milliseconds;

constexpr std::chrono::days kExpiresSoon{14};
constexpr milliseconds kClockFarOff{60'000};
// As the watchdog has it: later than that is no delay of a busy machine.
constexpr milliseconds kSampleLate{30'000};

std::string_view AdviceFor(Trouble trouble) {
  switch (trouble) {
    case Trouble::kDns:
      return "Check the name in collector.address, and that this device can ask a name server "
             "(/etc/resolv.conf).";
    case Trouble::kTcp:
      return "Check that the collector runs and listens there, that this device has a network and "
             "a route to it (ip route), and that no firewall stands between.";
    case Trouble::kTls:
      return "Check tls.ca, tls.cert and tls.key, the names in the collector's certificate, and "
             "the clock of this device.";
    case Trouble::kProtocol:
      return "What answers there is no collector, or one side speaks TLS and the other does not: "
             "check the port in collector.address, and tls.";
    case Trouble::kAuth:
      return "The collector's operator says who may come in; tls.cert and service_name say who "
             "this device is.";
    case Trouble::kRefused: return "The words are the collector's: its operator can mend that.";
    case Trouble::kSilent:
      return "The collector is there and hangs, or something between holds it back: look at its "
             "log.";
  }
  return "";
}

class Findings {
 public:
  void Problem(std::string_view about, std::string what, std::string_view advice) {
    Add(Level::kProblem, about, std::move(what), advice);
  }
  void Warning(std::string_view about, std::string what, std::string_view advice) {
    Add(Level::kWarning, about, std::move(what), advice);
  }
  std::vector<Finding> Take() { return std::move(found_); }

 private:
  void Add(Level level, std::string_view about, std::string what, std::string_view advice) {
    found_.push_back({level, about, std::move(what), advice});
  }

  std::vector<Finding> found_;
};

void CheckLink(const LinkStatus& link, Findings& findings) {
  if (link.connected) return;
  const std::string for_time = DurationWords(link.for_time);
  if (!link.trouble) {
    return findings.Problem("connecting",
                            "no answer yet from " + link.collector + " after " + for_time,
                            "The first attempt is under way: ask again in some seconds.");
  }
  const std::string next =
      link.next_attempt_in ? "in " + DurationWords(*link.next_attempt_in) : "is under way";
  findings.Problem(TroubleName(*link.trouble),
                   fmt::format("no connection to {} for {} ({} attempts, the next {}): {} ({})",
                               link.collector, for_time, link.attempts, next,
                               PlainLine(link.why.message), CodeName(link.why.code)),
                   AdviceFor(*link.trouble));
}

void CheckSamples(const AgentStatus& status, Findings& findings) {
  const SamplesStatus& samples = status.samples;
  const milliseconds without = samples.last_ago.value_or(status.uptime);
  if (without <= 2 * samples.interval + kSampleLate) return;
  findings.Problem("samples", "no sample was taken for " + DurationWords(without),
                   "The agent or the machine hangs: journalctl -u edgefeed-agent.");
}

void CheckDrops(const SamplesStatus& samples, Findings& findings) {
  std::string reasons;
  std::uint64_t all = 0;
  for (const auto& [reason, count] : samples.dropped) {
    all += count;
    if (count > 0) reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", reason, count);
  }
  if (all == 0) return;
  findings.Warning("drops", fmt::format("{} samples are lost: {}", all, reasons),
                   "outbox in the configuration says how much may wait, in memory and on disk; the "
                   "log says when and why.");
}

void CheckClock(const AgentStatus& status, Findings& findings) {
  if (status.clock <= ClockTrust::kGuess) {
    return findings.Warning("clock", "nobody has said yet what time it is",
                            "Synchronise it (NTP), or reach the collector once, which tells.");
  }
  const milliseconds ahead = status.system_clock_ahead;
  if (std::chrono::abs(ahead) < kClockFarOff) return;
  findings.Warning("clock",
                   fmt::format("this device's clock is {} {}", DurationWords(ahead),
                               ahead.count() > 0 ? "fast" : "slow"),
                   "Samples get the collector's time all the same; TLS may not work: synchronise "
                   "it (NTP).");
}

void CheckCertificate(const std::optional<CertificateStatus>& certificate, WallTime now,
                      Findings& findings) {
  if (!certificate) return;
  std::string when;
  if (now < certificate->not_before) {
    when = "is not good before " + FormatTime(certificate->not_before) + ", by this device's clock";
  } else if (certificate->not_after <= now) {
    when = "has expired " + DurationWords(now - certificate->not_after) + " ago";
  } else if (certificate->not_after - now < kExpiresSoon) {
    when = "expires in " + DurationWords(certificate->not_after - now);
  } else {
    return;
  }
  findings.Warning("certificate", PlainLine(certificate->file.native()) + " " + when,
                   "Put a new one in its place, and reload (SIGHUP).");
}

void CheckReload(const std::optional<ReloadStatus>& reload, Findings& findings) {
  if (!reload || !reload->error) return;
  findings.Warning("config",
                   fmt::format("the configuration was refused {} ago and the old one stays: {}",
                               DurationWords(reload->ago), PlainLine(*reload->error)),
                   "Mend it, try it with edgefeed-agent --check, and reload (SIGHUP).");
}

void CheckDumps(const DumpsStatus& dumps, Findings& findings) {
  if (dumps.quarantined == 0) return;
  findings.Warning("dumps",
                   fmt::format("{} crash dumps are kept and not sent any more: each attempt failed",
                               dumps.quarantined),
                   "The log says why; they lie in dumps/ of state_dir.");
}

void CheckApplications(const std::optional<ApplicationsStatus>& applications, Findings& findings) {
  if (!applications) return;
  for (const std::string& error : applications->errors) {
    findings.Warning("applications", "they cannot send: " + PlainLine(error),
                     "Mend it, or change statsd in the configuration, and reload (SIGHUP).");
  }
  std::string which;
  for (const auto& [application, reason, lines] : applications->dropped) {
    which += fmt::format("{}{} {} {}", which.empty() ? "" : ", ", application, reason, lines);
  }
  if (applications->lost_datagrams > 0) {
    which += fmt::format("{}{} datagrams that the kernel had no room for",
                         which.empty() ? "" : ", ", applications->lost_datagrams);
  }
  if (which.empty()) return;
  findings.Warning("applications", "lines of applications were not taken: " + which,
                   "statsd in the configuration says what an application may send.");
}

}  // namespace

std::vector<Finding> FindingsOf(const AgentStatus& status) {
  Findings findings;
  CheckLink(status.link, findings);
  CheckSamples(status, findings);
  CheckReload(status.reload, findings);
  CheckClock(status, findings);
  CheckCertificate(status.certificate, status.time, findings);
  CheckCertificate(status.ca, status.time, findings);
  CheckDrops(status.samples, findings);
  CheckDumps(status.dumps, findings);
  CheckApplications(status.applications, findings);
  return findings.Take();
}

bool IsHealthy(const std::vector<Finding>& findings) {
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::kProblem; });
}

}  // namespace edgefeed
