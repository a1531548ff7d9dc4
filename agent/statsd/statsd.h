#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/ports.h"
#include "agent/statsd/aggregator.h"
#include "agent/statsd/statsd_config.h"
#include "agent/statsd/statsd_counts.h"
#include "common/base/result.h"
#include "common/model/series.h"
#include "common/runtime/datagram_socket.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// Takes metrics of the device's applications (StatsD) and adds them to the agent's samples, on
// their way to the next sink. Outlives changes of the configuration, and so do the applications'
// values. On the core strand, of which each socket takes at most a twentieth, whatever is sent to
// it.
class Statsd final : public SampleSink {
 public:
  // All must outlive it.
  Statsd(Strand& strand, SampleSink& next, SeriesTable& series)
      : strand_(strand), next_(next), aggregator_(series, {}) {}

  void Accept(Sample sample) override;

  // Listens as the configuration says from now on. Where that is not possible it says so in the
  // log, and the agent goes on without.
  void Serve(const StatsdConfig& config);

  [[nodiscard]] StatsdCounts counts() const;

 private:
  void OpenPort();
  void OpenFile();
  // Nothing: it could not be opened, which was said.
  std::unique_ptr<DatagramSocket> Opened(Result<std::unique_ptr<DatagramSocket>> socket,
                                         std::string_view key);
  void Close(std::unique_ptr<DatagramSocket>& socket);
  DatagramSocket::OnDatagram Taker();

  Strand& strand_;
  SampleSink& next_;
  Aggregator aggregator_;
  StatsdConfig config_;
  std::unique_ptr<DatagramSocket> port_;
  std::unique_ptr<DatagramSocket> file_;
  bool used_ = false;
  std::vector<std::string> errors_;  // Of the last Serve().
  std::uint64_t lost_ = 0;           // By sockets that are closed.
};

}  // namespace edgefeed
