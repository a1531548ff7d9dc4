#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "fleet.pb.h"
#include "telemetry.pb.h"

namespace edgefeed {

// How one Subscribe goes: these updates, then the end, or nothing more until the client leaves.
struct Episode {
  std::vector<telemetry::MetricsResponse> updates;
  std::optional<Error> end;
};

// What the fake answers. Set before Start.
struct CollectorScript {
  std::vector<Device> devices;
  telemetry::MetricsResponse snapshot;  // Any other name is NOT_FOUND.
  std::vector<Episode> episodes;        // One a Subscribe; the last one repeats.
  std::vector<HistoryResponse> history;
  std::optional<Error> history_end;  // Instead of OK, behind these.
  std::vector<BackupResponse> backup;
  std::optional<Error> backup_end;  // Likewise.
  std::optional<std::uint32_t> refuse_chunk;
  std::optional<std::uint64_t> claimed_bytes;  // Instead of what arrived.
};

// A collector on a port of the loopback interface that answers by the script.
class FakeCollector {
 public:
  explicit FakeCollector(CollectorScript script);
  ~FakeCollector();
  FakeCollector(const FakeCollector&) = delete;
  FakeCollector& operator=(const FakeCollector&) = delete;

  [[nodiscard]] std::string address() const;
  // What the last upload brought, and under which name.
  [[nodiscard]] std::string uploaded_name() const;
  [[nodiscard]] std::string uploaded_data() const;
  [[nodiscard]] std::uint32_t uploaded_chunks() const;
  [[nodiscard]] std::vector<telemetry::MetricsRequest> subscribe_requests() const;
  // The last one.
  [[nodiscard]] HistoryRequest history_request() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
