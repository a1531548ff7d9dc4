#include "collector/app/notify_keys.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "collector/rulefile/rule_override.h"
#include "collector/rulefile/rule_words.h"
#include "common/base/endpoint.h"
#include "common/config/scalars.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kMaxUrl = 2048;
constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

// Of http://user@host:port/path.
std::string HostOf(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

bool IsOneWord(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

ScalarParser<std::string> UrlFor(Plaintext plaintext) {
  return [plaintext](std::string_view text) -> Result<std::string> {
    const bool encrypted = text.starts_with(kHttps);
    const bool known = encrypted || text.starts_with(kHttp);
    if (!known || text.size() > kMaxUrl || !IsOneWord(text) || HostOf(text).empty()) {
      return NotA(text, "a URL: https://HOST/PATH or http://…, up to 2048 letters without blanks");
    }
    if (!encrypted && plaintext == Plaintext::kLoopbackOnly &&
        !IsLoopback({.host = HostOf(text)})) {
      return NotA(text, "encrypted, nor on this host: use https, or say allow_plaintext: true");
    }
    return std::string(text);
  };
}

// Part of a rule's name, with * for any letters and ? for one.
Result<std::string> ParseRuleGlob(std::string_view text) {
  const bool valid =
      !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("_.:-*?").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (valid) return std::string(text);
  return NotA(text,
              "up to 64 letters, digits and _ . : - of a rule's name, with * for any of them and "
              "? for one");
}

void ReadClientTls(YamlReader& parent, TlsFiles& files) {
  parent.Section("tls", [&](YamlReader& tls) {
    const auto file = PathIn(tls.directory());
    tls.Read("ca", files.ca, file);
    tls.Read("cert", files.cert, file);
    tls.Read("key", files.key, file);
    if (tls.Has("cert") != tls.Has("key")) {
      tls.Report(tls.Has("cert") ? "cert" : "key", "is of use only with both cert and key");
    }
  });
}

// What both kinds have.
Plaintext ReadConnection(YamlReader& section, ReceiverConfig& config) {
  bool allow_plaintext = false;
  section.Read("allow_plaintext", allow_plaintext, ParseBool);
  section.Read("timeout", config.timeout, DurationFrom(1s, 60s));
  ReadClientTls(section, config.tls);
  return allow_plaintext ? Plaintext::kAnywhere : Plaintext::kLoopbackOnly;
}

void ReadKind(YamlReader& receiver, ReceiverConfig& config) {
  const SectionState webhook = receiver.Section("webhook", [&](YamlReader& section) {
    WebhookConfig kind;
    section.Read("url", kind.url, UrlFor(ReadConnection(section, config)));
    section.Require("url");
    section.Read("secret_file", kind.secret_file, PathIn(section.directory()));
    config.kind = std::move(kind);
  });
  const SectionState alertmanager = receiver.Section("alertmanager", [&](YamlReader& section) {
    AlertmanagerConfig kind;
    section.ReadList("urls", kind.urls, UrlFor(ReadConnection(section, config)),
                     ListForm::kListOrOne);
    section.Require("urls");
    if (section.Has("urls") && kind.urls.empty()) section.Report("urls", "holds no URL");
    config.kind = std::move(kind);
  });
  const bool both = webhook != SectionState::kAbsent && alertmanager != SectionState::kAbsent;
  const bool none = webhook == SectionState::kAbsent && alertmanager == SectionState::kAbsent;
  if (both) receiver.Report("alertmanager", "there is a webhook already: make it two receivers");
  if (none) receiver.Report("webhook", "is required, or alertmanager");
}

void ReadSeriesLabels(YamlReader& match, Labels& labels) {
  match.ReadMap("series_labels", [&](const std::string& name, const std::string& value) -> Status {
    const auto parsed = ParseIdentifier(name);
    if (!parsed) return parsed.error();
    labels.push_back({.name = name, .value = value});
    return {};
  });
  std::ranges::sort(labels);
}

ReceiverConfig ReadReceiver(YamlReader& reader) {
  ReceiverConfig receiver;
  reader.Read("name", receiver.name, ParseRuleName);
  reader.Require("name");
  ReadKind(reader, receiver);
  reader.Read("repeats", receiver.repeats, ParseBool);
  reader.Section("match", [&](YamlReader& match) {
    match.ReadList("severities", receiver.match.severities, ParseSeverity, ListForm::kListOrOne);
    match.ReadList("rules", receiver.match.rules, ParseRuleGlob, ListForm::kListOrOne);
    match.ReadList("devices", receiver.match.devices, ParseDeviceGlob, ListForm::kListOrOne);
    ReadLabels(match, receiver.match.labels);
    ReadSeriesLabels(match, receiver.match.series_labels);
  });
  return receiver;
}

std::size_t Targets(const ReceiverConfig& receiver) {
  const auto* const alertmanager = std::get_if<AlertmanagerConfig>(&receiver.kind);
  return alertmanager == nullptr ? 1 : alertmanager->urls.size();
}

}  // namespace

void ReadNotify(YamlReader& root, NotifyConfig& config) {
  root.Section("notify", [&](YamlReader& notify) {
    std::set<std::string> names;
    std::size_t targets = 0;
    notify.ReadItems("receivers", config.receivers, [&](YamlReader& reader) {
      ReceiverConfig receiver = ReadReceiver(reader);
      if (!receiver.name.empty() && !names.insert(receiver.name).second) {
        reader.Report("name", "'" + receiver.name + "' is the name of another receiver");
      }
      targets += Targets(receiver);
      return receiver;
    });
    if (targets > kMaxNotifyTargets) {
      notify.Report("receivers", std::to_string(targets) + " addresses are more than the " +
                                     std::to_string(kMaxNotifyTargets) + " that there may be");
    }
  });
}

}  // namespace edgefeed
