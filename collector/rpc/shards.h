#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/ingest/ingest.h"
#include "collector/ingest/read_gate.h"
#include "collector/ports.h"
#include "common/base/allowances.h"
#include "common/base/result.h"
#include "common/model/feed_message.h"
#include "common/runtime/strand.h"
#include "common/runtime/turns.h"

namespace edgefeed {

// A stream that ends when the collector does.
class Drainable {
 public:
  virtual ~Drainable() = default;
  // On the shard's strand: finish with this status as soon as what is under way is written.
  // A client that understands it is told when and where to come back.
  virtual void Drain(const Redirect& redirect, const Error& why) = 0;
};

// One engine strand with the devices that live on it. Everything but `strand` is used on it only.
struct Shard {
  Strand& strand;
  Ingest& ingest;
  ReadGate& gate;
  Turns& turns;
  Allowances& rates;  // Of what a device's feeds may send.
  DeviceAlerts& alerts;
  Fleet& fleet;
  std::set<Drainable*> streams;
};

// Every shard; a device is always on the same one.
class Shards {
 public:
  explicit Shards(std::vector<Shard> shards) : shards_(std::move(shards)) {}

  Shard& For(std::string_view device) {
    return shards_[std::hash<std::string_view>()(device) % shards_.size()];
  }
  Shard& operator[](std::size_t index) { return shards_[index]; }
  [[nodiscard]] std::size_t size() const { return shards_.size(); }
  auto begin() { return shards_.begin(); }
  auto end() { return shards_.end(); }

 private:
  std::vector<Shard> shards_;
};

}  // namespace edgefeed
