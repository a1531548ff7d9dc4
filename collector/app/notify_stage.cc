#include "collector/app/notify_stage.h"

#include <random>
#include <utility>

#include "collector/notify/alertmanager_receiver.h"
#include "collector/notify/signature.h"
#include "collector/notify/webhook_receiver.h"
#include "common/config/environment.h"
#include "common/pki/tls_material.h"

namespace edgefeed {
namespace {

constexpr const char* kUserAgent = "edgefeed-collector/" EDGEFEED_VERSION;

}  // namespace

NotifyStage::Target::Target(const ReceiverConfig& of, ReceiverStats& counted,
                            const std::string& strand_name, const Clock& clock)
    : config(of), stats(counted), strand(strand_name, clock) {}

NotifyStage::NotifyStage(NotifyConfig config, const Ground& ground)
    : config_(std::move(config)), ground_(ground) {}

Result<std::unique_ptr<NotifyStage>> NotifyStage::Open(const NotifyConfig& config,
                                                       const Ground& ground) {
  std::unique_ptr<NotifyStage> stage(new NotifyStage(config, ground));
  if (const Status checked = stage->CheckSecrets(); !checked) return checked.error();
  for (const ReceiverConfig& receiver : stage->config_.receivers) {
    if (std::holds_alternative<WebhookConfig>(receiver.kind)) {
      stage->AddWebhook(receiver);
    } else {
      stage->AddAlertmanagers(receiver);
    }
  }
  for (std::size_t i = 0; i < stage->targets_.size(); ++i) stage->AddCourier(i);
  Status opened;
  RunOn(ground.alerts, [&] { opened = stage->OpenNotices(); });
  if (!opened) return opened.error();
  return stage;
}

NotifyStage::~NotifyStage() {
  Stop();
  // Its timers are on the strand.
  RunOn(ground_.alerts, [this] { notices_.reset(); });
  for (auto& target : targets_) target->strand.Drain();
}

void NotifyStage::Stop() {
  for (auto& target : targets_) target->client.Cancel();
  for (auto& target : targets_) {
    RunOn(target->strand, [&] { target->courier->Stop(); });
  }
  RunOn(ground_.alerts, [this] {
    if (notices_ != nullptr) notices_->Stop();
  });
}

Status NotifyStage::CheckSecrets() const {
  for (const ReceiverConfig& receiver : config_.receivers) {
    const Status key = CheckKeyIsPrivate(receiver.tls.key);
    if (!key) return key.error().Wrap("notify: receiver " + receiver.name);
    const auto* const webhook = std::get_if<WebhookConfig>(&receiver.kind);
    if (webhook == nullptr || webhook->secret_file.empty()) continue;
    const auto secret = ReadSecret(webhook->secret_file);
    if (!secret) return secret.error().Wrap("notify: receiver " + receiver.name);
  }
  return {};
}

void NotifyStage::AddWebhook(const ReceiverConfig& config) {
  AddTarget(config, config.name).receiver = std::make_unique<WebhookReceiver>(
      config, ProcessEnvironment()("HOSTNAME").value_or(""), kUserAgent);
}

void NotifyStage::AddAlertmanagers(const ReceiverConfig& config) {
  const auto& urls = std::get<AlertmanagerConfig>(config.kind).urls;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const std::string name = config.name + (i == 0 ? "" : "/" + std::to_string(i + 1));
    AddTarget(config, name).receiver =
        std::make_unique<AlertmanagerReceiver>(config, urls[i], kUserAgent);
  }
}

NotifyStage::Target& NotifyStage::AddTarget(const ReceiverConfig& config, std::string name) {
  ReceiverStats& stats = ground_.stats.receivers.emplace_back();
  stats.name = std::move(name);
  targets_.push_back(std::make_unique<Target>(
      config, stats, "notify-" + std::to_string(targets_.size()), ground_.clock));
  return *targets_.back();
}

void NotifyStage::AddCourier(std::size_t index) {
  Target& target = *targets_[index];
  target.courier = std::make_unique<Courier>(Courier::Parts{
      .strand = target.strand,
      .receiver = *target.receiver,
      .stats = target.stats,
      .post = [&target](const auto& request) { return target.client.Post(request); },
      .settled =
          [this, index](std::uint64_t settled) {
            ground_.alerts.Post([this, index, settled] { notices_->Settled(index, settled); });
          },
      .reminded =
          [this, index](const Status& status) {
            ground_.alerts.Post([this, index, status] { notices_->Reminded(index, status); });
          },
      .seed = std::random_device{}()});
}

Status NotifyStage::OpenNotices() {
  std::vector<NoticeTarget> targets;
  targets.reserve(targets_.size());
  for (const auto& target : targets_) {
    targets.push_back(
        {.config = target->config,
         .stats = target->stats,
         .sink = *target->courier,
         .reminded = std::holds_alternative<AlertmanagerConfig>(target->config.kind)});
  }
  auto notices = Notices::Open(
      {.strand = ground_.alerts, .database = ground_.database, .limits = {}}, targets);
  if (!notices) return notices.error();
  notices_ = std::move(*notices);
  notices_->Start();
  return {};
}

}  // namespace edgefeed
