// Parses /proc/net/dev.
//   Inter-|   Receive                                            |  Transmit
//    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
//       lo:    3267      29    0    0    0     0          0         0     3267      29    0    0
//     eth0:152007138   2688    0    0    0     0          0         0   100233    1386    0    0
// and, after these, fifo colls carrier compressed of what was sent.
// A name may hold colons (eth0:1), and a wide number may follow its colon directly.
#include "agent/proc/net_dev.h"

#include <optional>
#include <string>

#include "agent/proc/kernel_file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr int kFieldsOfReceive = 8;

std::optional<PacketCounters> TakeCounters(std::string_view& fields) {
  PacketCounters counters;
  for (std::uint64_t* value :
       {&counters.bytes, &counters.packets, &counters.errors, &counters.drops}) {
    const auto field = NextField(fields);
    const auto number = field ? ParseNumber<std::uint64_t>(*field) : std::nullopt;
    if (!number) return std::nullopt;
    *value = *number;
  }
  return counters;
}

std::optional<InterfaceCounters> ParseInterface(std::string_view line) {
  const auto colon = line.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view fields = line.substr(colon + 1);
  const auto receive = TakeCounters(fields);
  for (int i = 4; i < kFieldsOfReceive; ++i) NextField(fields);
  const auto transmit = TakeCounters(fields);
  if (!receive || !transmit) return std::nullopt;
  return InterfaceCounters{Trim(line.substr(0, colon)), *receive, *transmit};
}

void Add(const InterfaceCounters& interface, MachineState& state) {
  const Labels labels = {{"device", std::string(interface.name)}};
  const auto add = [&](const MetricInfo& metric, std::uint64_t value) {
    state.Add(metric, static_cast<double>(value), labels);
  };
  add(metrics::kNetworkReceiveBytes, interface.receive.bytes);
  add(metrics::kNetworkReceivePackets, interface.receive.packets);
  add(metrics::kNetworkReceiveErrors, interface.receive.errors);
  add(metrics::kNetworkReceiveDrops, interface.receive.drops);
  add(metrics::kNetworkTransmitBytes, interface.transmit.bytes);
  add(metrics::kNetworkTransmitPackets, interface.transmit.packets);
  add(metrics::kNetworkTransmitErrors, interface.transmit.errors);
  add(metrics::kNetworkTransmitDrops, interface.transmit.drops);
}

class NetDevSource final : public Source {
 public:
  explicit NetDevSource(KernelFile file) : file_(std::move(file)) {}

  Status Read(MachineState& state) override {
    const auto text = file_.ReadText();
    if (!text) return text.error();
    const NetDev parsed = ParseNetDev(*text);
    for (const InterfaceCounters& interface : parsed.interfaces) {
      if (IsToldOf(interface.name)) Add(interface, state);
    }
    if (parsed.bad_lines != 0)
      return Error{Code::kDataLoss, file_.path() + ": a line is cut short"};
    return {};
  }

 private:
  KernelFile file_;
};

}  // namespace

NetDev ParseNetDev(std::string_view text) {
  NetDev parsed;
  while (const auto line = NextLine(text)) {
    if (line->find('|') != std::string_view::npos || Trim(*line).empty()) continue;
    if (const auto interface = ParseInterface(*line)) {
      parsed.interfaces.push_back(*interface);
    } else {
      ++parsed.bad_lines;
    }
  }
  return parsed;
}

bool IsToldOf(std::string_view interface) {
  return interface != "lo" && !interface.starts_with("veth") && !interface.starts_with("cali");
}

SourceResult OpenNetDev(const KernelRoots& roots) {
  auto file = KernelFile::Open(roots.proc / "net/dev");
  if (!file) return file.error();
  return std::unique_ptr<Source>(std::make_unique<NetDevSource>(*std::move(file)));
}

}  // namespace edgefeed
