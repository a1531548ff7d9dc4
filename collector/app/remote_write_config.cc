#include "collector/app/remote_write_config.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/config/scalars.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxName = 64;
// What the protocol says itself.
constexpr std::string_view kOwnHeaders[] = {"authorization", "content-encoding", "content-type",
                                            "x-prometheus-remote-write-version"};

Result<std::string> ParseUrl(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size()) return std::string(text);
  }
  return NotA(text, "a URL that begins with http:// or https://");
}

// It is part of a file's name.
Result<std::string> ParseName(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
  };
  if (text.empty() || text.size() > kMaxName || text.front() == '.' ||
      !std::ranges::all_of(text, allowed)) {
    return NotA(text, "up to 64 letters, digits and _ - . : that do not begin with a dot");
  }
  return std::string(text);
}

// The URL's host and port, without user and password.
std::string DefaultName(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  std::string name(url.substr(0, kMaxName));
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  return name;
}

bool IsOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Status AddHeader(const std::string& name, const std::string& value,
                 std::vector<HttpHeader>& headers) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (std::ranges::find(kOwnHeaders, lower) != std::end(kOwnHeaders)) {
    return Error{Code::kInvalidArgument, "the collector sends this header itself"};
  }
  if (!IsOneLine(value) || name.empty() || name.find_first_of(": \t\r\n") != std::string::npos) {
    return Error{Code::kInvalidArgument, "not a header"};
  }
  headers.push_back({name, value});
  return {};
}

Status AddLabel(const std::string& name, const std::string& value, Labels& labels) {
  const auto label = ParseIdentifier(name);
  if (!label) return label.error();
  if (name == kRemoteDeviceLabel || name.starts_with("__")) {
    return Error{Code::kInvalidArgument, "the collector sets this label itself"};
  }
  labels.push_back({name, value});
  std::ranges::sort(labels);
  return {};
}

void ReadTls(YamlReader& reader, TlsFiles& tls) {
  reader.Section("tls", [&](YamlReader& section) {
    const auto file = PathIn(section.directory());
    section.Read("ca", tls.ca, file);
    section.Read("cert", tls.cert, file);
    section.Read("key", tls.key, file);
    if (tls.cert.empty() != tls.key.empty()) {
      section.Report(tls.cert.empty() ? "key" : "cert", "cert and key are both needed");
    }
  });
}

void ReadAuthentication(YamlReader& reader, RemoteWriteConfig& config) {
  const auto file = PathIn(reader.directory());
  reader.Read("bearer_token_file", config.bearer_token_file, file);
  reader.Section("basic_auth", [&](YamlReader& basic) {
    basic.Read("user", config.user, ParseText);
    basic.Read("password_file", config.password_file, file);
    basic.Require("user");
    basic.Require("password_file");
  });
  if (!config.user.empty() && !config.bearer_token_file.empty()) {
    reader.Report("basic_auth", "not together with bearer_token_file");
  }
}

RemoteWriteConfig ReadRemoteWrite(YamlReader& reader) {
  RemoteWriteConfig config;
  reader.Read("url", config.url, ParseUrl);
  reader.Require("url");
  config.name = DefaultName(config.url);
  reader.Read("name", config.name, ParseName);
  ReadAuthentication(reader, config);
  reader.ReadMap("headers", [&](const std::string& name, const std::string& value) {
    return AddHeader(name, value, config.headers);
  });
  ReadTls(reader, config.tls);
  reader.ReadMap("labels", [&](const std::string& name, const std::string& value) {
    return AddLabel(name, value, config.labels);
  });
  reader.Read("batch_size", config.batch_size, NumberFrom(100, 1'000'000));
  reader.Read("batch_interval", config.batch_interval, DurationFrom(0ms, 10min));
  reader.Read("timeout", config.timeout, DurationFrom(1s, 10min));
  return config;
}

}  // namespace

void ReadRemoteWrites(YamlReader& root, std::vector<RemoteWriteConfig>& remotes) {
  std::set<std::string> names;
  root.ReadItems("remote_write", remotes, [&names](YamlReader& item) {
    RemoteWriteConfig config = ReadRemoteWrite(item);
    if (!config.url.empty() && !names.insert(config.name).second) {
      item.Report(item.Has("name") ? "name" : "url",
                  "'" + config.name + "' is the name of another one: give each its own `name`");
    }
    if (!config.url.empty() && !ParseName(config.name)) {
      item.Report("url", "'" + config.name + "' cannot be its name: give it a `name`");
    }
    return config;
  });
  if (remotes.size() > kMaxRemoteWrites) {
    root.Report("remote_write", "there may be " + std::to_string(kMaxRemoteWrites) + " at most");
  }
}

}  // namespace edgefeed
