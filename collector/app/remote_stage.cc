#include "collector/app/remote_stage.h"

#include <random>
#include <string>
#include <utility>

namespace edgefeed {

Result<std::unique_ptr<RemoteStage>> RemoteStage::Start(
    const std::vector<RemoteWriteConfig>& configs, const std::filesystem::path& directory,
    const Clock& clock, History& history, CollectorStats& stats) {
  std::vector<std::string> names;
  names.reserve(configs.size());
  for (const RemoteWriteConfig& config : configs) names.push_back(config.name);
  if (const Status ready = RemoteCursor::Prepare(directory, names); !ready) return ready.error();
  std::unique_ptr<RemoteStage> stage(new RemoteStage());
  for (const RemoteWriteConfig& config : configs) {
    Remote& remote = *stage->remotes_.emplace_back(
        std::make_unique<Remote>("remote-" + std::to_string(stage->remotes_.size()), clock));
    const RemoteCursor cursor(directory, config.name);
    remote.sender = std::make_unique<RemoteSender>(
        config, cursor, remote.strand,
        [&remote](const HttpClient::Request& request) { return remote.client.Post(request); },
        stats.remote_writes.emplace_back(config.name), std::random_device()());
    auto reader = std::make_shared<std::unique_ptr<StoredSamples>>(
        history.Follow(remote.strand, cursor.Load(), [&remote] { remote.sender->Pump(); }));
    remote.strand.Post([&remote, reader] { remote.sender->Start(std::move(*reader)); });
  }
  return stage;
}

RemoteStage::~RemoteStage() { Stop(); }

void RemoteStage::Stop() {
  for (const auto& remote : remotes_) remote->client.Cancel();
  for (const auto& remote : remotes_) {
    RunOn(remote->strand, [&] { remote->sender.reset(); });
  }
}

}  // namespace edgefeed
