#include "collector/remote/remote_request.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/remote/remote_labels.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/wire/write_request.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10;

std::vector<RemoteSeries> GroupBySeries(const RemoteWriteConfig& config,
                                        std::span<const RemoteValue> values) {
  std::map<std::pair<const std::string*, const Series*>, std::size_t> places;
  std::vector<RemoteSeries> series;
  for (const RemoteValue& value : values) {
    const std::string* const device = value.sample->device;
    const auto [place, is_new] = places.try_emplace({device, value.series}, series.size());
    if (is_new) {
      series.push_back(
          {.labels = RemoteLabels(*device, *value.series, config.labels), .points = {}});
    }
    series[place->second].points.push_back({value.sample->sample.time, value.value});
  }
  for (RemoteSeries& each : series) {
    std::ranges::stable_sort(each.points, {}, &RemotePoint::time);
  }
  return series;
}

std::string Base64(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

// Empty: none is wanted.
Result<std::string> Authorization(const RemoteWriteConfig& config) {
  const auto& file = config.user.empty() ? config.bearer_token_file : config.password_file;
  if (file.empty()) return std::string();
  const auto text = ReadSmallFile(file, kMaxSecretBytes);
  if (!text) return text.error();
  const std::string secret(Trim(*text));
  if (config.user.empty()) return "Bearer " + secret;
  return "Basic " + Base64(config.user + ":" + secret);
}

}  // namespace

Result<HttpClient::Request> MakeRemoteRequest(const RemoteWriteConfig& config,
                                              std::span<const RemoteValue> values) {
  const auto authorization = Authorization(config);
  if (!authorization) return authorization.error();
  HttpClient::Request request{.url = config.url,
                              .headers = {{"Content-Type", "application/x-protobuf"},
                                          {"Content-Encoding", "snappy"},
                                          {"X-Prometheus-Remote-Write-Version", "0.1.0"},
                                          {"User-Agent", "edgefeed-collector"}},
                              .body = EncodeWriteRequest(GroupBySeries(config, values)),
                              .tls = config.tls};
  request.timeout = config.timeout;
  request.connect_timeout = std::min(request.connect_timeout, config.timeout);
  if (!authorization->empty()) request.headers.push_back({"Authorization", *authorization});
  request.headers.insert(request.headers.end(), config.headers.begin(), config.headers.end());
  return request;
}

}  // namespace edgefeed
