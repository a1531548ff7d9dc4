#pragma once

#include "collector/ports.h"
#include "collector/rpc/shards.h"

namespace edgefeed {

// One FleetReader over every shard. `shards` must outlive it.
class ShardedFleet final : public FleetReader {
 public:
  explicit ShardedFleet(Shards& shards) : shards_(shards) {}

  void Get(const std::string& name, Detail detail,
           std::function<void(Result<DeviceSnapshot>)> answer) override;
  void List(Detail detail, std::function<void(std::vector<DeviceSnapshot>)> answer) override;

 private:
  struct Gather;
  void ListFrom(std::size_t shard, const std::shared_ptr<Gather>& gather);

  Shards& shards_;
};

}  // namespace edgefeed
