#include "collector/app/access_stage.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/tokens/token_file.h"

namespace edgefeed {
namespace {

bool AsksForCertificates(const std::optional<TlsFiles>& tls) { return tls && !tls->ca.empty(); }

std::vector<CrlSource> CrlsOf(const CollectorConfig& config) {
  std::vector<CrlSource> crls;
  const auto add = [&](const std::filesystem::path& crl, const std::optional<TlsFiles>& tls) {
    if (crl.empty() || !tls) return;
    CrlSource source{.crl = crl, .ca = tls->ca};
    if (std::ranges::find(crls, source) == crls.end()) crls.push_back(std::move(source));
  };
  add(config.crl, config.tls);
  add(config.operators.crl, config.operators.tls);
  if (config.http.enabled) add(config.http.crl, config.http.tls);
  return crls;
}

// What an operator who thinks that the port is guarded must know.
void TellWhoMay(const CollectorConfig& config) {
  const bool has_tokens = !config.operators.tokens.empty();
  if (config.tls && !AsksForCertificates(config.tls) && !has_tokens) {
    spdlog::warn(
        "{}: whoever reaches it may do everything: neither tls.client_ca nor operators.tokens is "
        "given",
        ToString(config.listen));
  }
  if (has_tokens && !AsksForCertificates(config.tls)) {
    spdlog::info("{}: devices are not asked who they are (tls.client_ca), only operators",
                 ToString(config.listen));
  }
  const HttpConfig& http = config.http;
  if (http.enabled && !IsLoopback(http.listen) && !AsksForCertificates(http.tls) && !has_tokens) {
    spdlog::warn(
        "{}: whoever reaches it sees the fleet: neither http.tls.client_ca nor operators.tokens is "
        "given",
        ToString(http.listen));
  }
}

}  // namespace

PortPolicy DevicesPolicy(const CollectorConfig& config) {
  const auto& own = config.operators.listen;
  return {.port = own ? Port::kDevices : Port::kShared,
          .certificates = AsksForCertificates(config.tls),
          .tokens = !config.operators.tokens.empty(),
          .other = own ? ToString(*own) : ""};
}

PortPolicy OperatorsPolicy(const CollectorConfig& config) {
  return {.port = Port::kOperators,
          .certificates = AsksForCertificates(config.operators.tls),
          .tokens = !config.operators.tokens.empty(),
          .other = ToString(config.listen)};
}

PortPolicy HttpPolicy(const CollectorConfig& config) {
  return {.port = Port::kOperators,
          .certificates = AsksForCertificates(config.http.tls),
          .tokens = !config.operators.tokens.empty(),
          .other = ToString(config.listen)};
}

Result<std::unique_ptr<AccessStage>> AccessStage::Open(const CollectorConfig& config,
                                                       const Clock& clock, CollectorStats& stats) {
  AccessFiles files(CrlsOf(config), config.operators.tokens, ReadTokenFile);
  auto lists = files.Load();
  if (!lists) return lists.error();
  TellWhoMay(config);
  std::unique_ptr<AccessStage> stage(new AccessStage(clock));
  stage->access_ =
      std::make_unique<Access>(Access::Parts{.strand = stage->strand_,
                                             .clock = clock,
                                             .stats = stats,
                                             .limits = config.limits.callers},
                               std::move(files), *std::move(lists), config.data_dir / "audit.log");
  return stage;
}

AccessStage::~AccessStage() {
  // Its timers are on the strand.
  RunOn(strand_, [this] { access_.reset(); });
}

void AccessStage::Start() {
  RunOn(strand_, [this] { access_->Start(); });
}

void AccessStage::Stop() {
  RunOn(strand_, [this] { access_->Stop(); });
}

}  // namespace edgefeed
