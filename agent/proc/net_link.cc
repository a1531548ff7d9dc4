// Reads, for each interface in /sys/class/net,
//   eth0/carrier   1       (unreadable, EINVAL, while the interface is down)
//   eth0/speed     1000    (Mbit/s; EINVAL or -1 when unknown)
#include "agent/proc/net_link.h"

#include <string>
#include <vector>

#include "agent/proc/directory.h"
#include "agent/proc/kernel_file.h"
#include "agent/proc/net_dev.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

struct Link {
  Labels labels;
  KernelFile carrier;
  std::optional<double> speed_bytes;
};

class NetLinks final : public Source {
 public:
  explicit NetLinks(std::filesystem::path directory) : directory_(std::move(directory)) {}

  Status Refresh() override {
    links_.clear();
    for (const std::string& name : EntriesOf(directory_)) {
      if (!IsToldOf(name)) continue;
      auto carrier = KernelFile::Open(directory_ / name / "carrier");
      if (!carrier) continue;  // bonding_masters is a file, not an interface.
      const auto speed = ReadIntegerFile(directory_ / name / "speed");
      links_.push_back(
          {{{"device", name}}, *std::move(carrier), speed ? LinkSpeedBytes(*speed) : std::nullopt});
    }
    return {};
  }

  Status Read(MachineState& state) override {
    Status status;
    for (Link& link : links_) {
      const auto carrier = link.carrier.ReadInteger();
      if (carrier) {
        state.Add(metrics::kNetworkCarrier, static_cast<double>(*carrier), link.labels);
      } else if (carrier.error().code == Code::kUnavailable) {
        state.Add(metrics::kNetworkCarrier, 0, link.labels);
      } else if (carrier.error().code != Code::kNotFound) {
        status = carrier.error();
      }
      if (link.speed_bytes) state.Add(metrics::kNetworkSpeed, *link.speed_bytes, link.labels);
    }
    return status;
  }

 private:
  std::filesystem::path directory_;
  std::vector<Link> links_;
};

}  // namespace

std::optional<double> LinkSpeedBytes(std::int64_t megabits) {
  if (megabits <= 0 || megabits == 0xffff || megabits == 0xffffffff) return std::nullopt;
  return static_cast<double>(megabits) * 1e6 / 8;
}

SourceResult OpenNetLinks(const KernelRoots& roots) {
  return std::unique_ptr<Source>(std::make_unique<NetLinks>(roots.sys / "class/net"));
}

}  // namespace edgefeed
