#include "collector/http/fleet_stream.h"

#include "collector/http/device_json.h"

namespace edgefeed {

FleetStream::Subscription::Subscription(FleetStream& stream, Task on_update)
    : stream_(stream), on_update_(std::move(on_update)), sent_at_(stream.scheduler_.Now()) {
  stream_.Add(*this);
}

FleetStream::Subscription::~Subscription() { stream_.Remove(*this); }

std::shared_ptr<const std::string> FleetStream::Subscription::Next() {
  const SteadyTime now = stream_.scheduler_.Now();
  auto text = stream_.EventSince(sent_version_);
  sent_version_ = stream_.version_;
  if (!text && now - sent_at_ >= stream_.config_.ping_after) {
    text = std::make_shared<const std::string>(": ping\n\n");
  }
  if (text) sent_at_ = now;
  return text;
}

std::unique_ptr<FleetStream::Subscription> FleetStream::Subscribe(Task on_update) {
  return std::make_unique<Subscription>(*this, std::move(on_update));
}

void FleetStream::Add(Subscription& subscription) {
  subscriptions_.insert(&subscription);
  if (subscriptions_.size() == 1) Tick();
}

// Without subscribers nothing is kept up to date: forget it, so that the next one gets no old news.
void FleetStream::Remove(Subscription& subscription) {
  subscriptions_.erase(&subscription);
  if (!subscriptions_.empty()) return;
  tick_.Cancel();
  devices_.clear();
  events_.clear();
  version_ = 0;
  complete_at_ = 1;
}

void FleetStream::Tick() {
  Ask();
  tick_ = scheduler_.RunAfter(config_.interval, [this] { Tick(); });
}

void FleetStream::Ask() {
  if (query_ == Query::kPending) return;
  query_ = Query::kPending;
  fleet_.List(Detail::kHeadline, [weak = weak_from_this(),
                                  &scheduler = scheduler_](std::vector<DeviceSnapshot> devices) {
    scheduler.Post([weak, devices = std::move(devices)] {
      if (const auto self = weak.lock()) self->Absorb(devices);
    });
  });
}

void FleetStream::Absorb(const std::vector<DeviceSnapshot>& devices) {
  query_ = Query::kNone;
  if (subscriptions_.empty()) return;
  ++version_;
  events_.clear();
  now_ms_ = UnixMillis(scheduler_.WallNow());
  std::map<std::string, Device> next;
  std::size_t known = 0;
  for (const DeviceSnapshot& device : devices) {
    std::string json = DeviceHeadlineJson(device);
    const auto before = devices_.find(device.name);
    const bool is_known = before != devices_.end();
    const bool is_same = is_known && before->second.json == json;
    known += is_known ? 1 : 0;
    next.insert_or_assign(device.name,
                          Device{std::move(json), is_same ? before->second.version : version_});
  }
  if (known < devices_.size()) complete_at_ = version_;
  devices_ = std::move(next);
  NotifyAll();
}

// A reader may unsubscribe from inside its on_update: work on copies of the set and of the task.
void FleetStream::NotifyAll() {
  const std::vector<Subscription*> readers(subscriptions_.begin(), subscriptions_.end());
  for (Subscription* reader : readers) {
    if (!subscriptions_.contains(reader)) continue;
    const Task on_update = reader->on_update_;
    on_update();
  }
}

std::shared_ptr<const std::string> FleetStream::EventSince(std::uint64_t version) {
  if (version == version_) return nullptr;
  const auto [event, is_new] = events_.try_emplace(version);
  if (is_new) {
    std::string text = BuildEvent(version);
    if (!text.empty()) event->second = std::make_shared<const std::string>(std::move(text));
  }
  return event->second;
}

std::string FleetStream::BuildEvent(std::uint64_t since) const {
  const bool everything = since < complete_at_;
  std::string list;
  for (const auto& [name, device] : devices_) {
    if (!everything && device.version <= since) continue;
    if (!list.empty()) list += ',';
    list += device.json;
  }
  if (!everything && list.empty()) return {};
  return std::string(everything ? "event: all\n" : "event: changed\n") +
         "data: {\"now_ms\":" + std::to_string(now_ms_) + ",\"devices\":[" + list + "]}\n\n";
}

}  // namespace edgefeed
