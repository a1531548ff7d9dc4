#include "collector/app/sharded_fleet.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace edgefeed {

struct ShardedFleet::Gather {
  Detail detail;
  std::vector<DeviceSnapshot> devices;
  std::function<void(std::vector<DeviceSnapshot>)> answer;
};

void ShardedFleet::Get(const std::string& name, Detail detail,
                       std::function<void(Result<DeviceSnapshot>)> answer) {
  Shard& shard = shards_.For(name);
  shard.strand.Dispatch([&shard, name, detail, answer = std::move(answer)] {
    auto snapshot = shard.fleet.Get(name, detail);
    if (snapshot) return answer(std::move(*snapshot));
    const std::string device = "device '" + name.substr(0, 128) + "' ";
    answer(Error{Code::kNotFound,
                 device + (shard.fleet.Knows(name) ? "has sent nothing since the collector started"
                                                   : "was never seen")});
  });
}

void ShardedFleet::List(Detail detail, std::function<void(std::vector<DeviceSnapshot>)> answer) {
  ListFrom(0, std::make_shared<Gather>(Gather{detail, {}, std::move(answer)}));
}

// From shard to shard, so that the gathered list is only ever on one strand.
void ShardedFleet::ListFrom(std::size_t shard, const std::shared_ptr<Gather>& gather) {
  shards_[shard].strand.Post([this, shard, gather] {
    std::ranges::move(shards_[shard].fleet.List(gather->detail),
                      std::back_inserter(gather->devices));
    if (shard + 1 < shards_.size()) return ListFrom(shard + 1, gather);
    std::ranges::sort(gather->devices, {}, &DeviceSnapshot::name);
    gather->answer(std::move(gather->devices));
  });
}

}  // namespace edgefeed
