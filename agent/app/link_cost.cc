// The model of the link. Two programs of ours that talk through a counting proxy show it
// (tests/e2e/link_cost_test.cc compares):
//   device → collector   a message                  collector → device   window updates
//   device → collector   TCP acknowledgement
// and the same the other way round when the collector acknowledges samples. TCP sends an
// acknowledgement alone when there is nothing to send within 40 ms; whoever had to do so
// acknowledges the next segment alone too, at once.
#include "agent/app/link_cost.h"

#include <algorithm>
#include <cmath>

#include "agent/app/stage_settings.h"

namespace edgefeed {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kDay = std::chrono::hours(24);

// The collector's: when it acknowledges samples (collector/rpc/live_feed.cc), and how long a device
// may be silent before gRPC asks whether it is there (collector/rpc/grpc_server.cc).
constexpr Seconds kAckEvery{4};
constexpr Seconds kCollectorKeepalive{600};

constexpr double kSegmentHeader = 20 + 20 + 12;  // IP, TCP and its timestamps.
constexpr double kSegmentBytes = 1500 - kSegmentHeader;
constexpr double kLoneAck = kSegmentHeader;
constexpr double kTlsRecord = 5 + 1 + 16;
constexpr double kTlsRecordBytes = 16384;
constexpr double kGrpcPrefix = 5;
constexpr double kFrameHeader = 9;
constexpr double kFrameBytes = 16384;
constexpr double kWindowUpdates = 2 * 13;  // For the stream and for the connection.
constexpr double kHttpPing = 17;
constexpr double kStored = 15;  // AlertResponse with one position.

// A connect, without hello and names: preface, settings, headers, welcome, window updates; and
// handshakes with certificates of usual size.
constexpr Traffic kOpening{.sent_bytes = 400 + 9 * kSegmentHeader,
                           .received_bytes = 230 + 8 * kSegmentHeader};
constexpr Traffic kTlsHandshake{.sent_bytes = 800, .received_bytes = 3000};
constexpr Traffic kClientCertificate{.sent_bytes = 1400, .received_bytes = 1700};

double Segments(double bytes) { return std::ceil(bytes / kSegmentBytes); }

class Wire {
 public:
  explicit Wire(Encryption encryption) : encryption_(encryption) {}

  // Encoded messages as HTTP/2 has them.
  static double Framed(double encoded) {
    const double bytes = encoded + kGrpcPrefix;
    return bytes + kFrameHeader * std::ceil(bytes / kFrameBytes);
  }
  // Bytes of HTTP/2 that leave together.
  [[nodiscard]] double Sent(double bytes) const {
    if (encryption_ != Encryption::kNone) bytes += kTlsRecord * std::ceil(bytes / kTlsRecordBytes);
    return bytes + Segments(bytes) * kSegmentHeader;
  }

  // Every second full segment is acknowledged at once; the last one's goes with the window updates.
  [[nodiscard]] Traffic Message(double encoded) const {
    const double bytes = Framed(encoded);
    return {
        .sent_bytes = Sent(bytes) + kLoneAck,
        .received_bytes = Sent(kWindowUpdates) + std::floor((Segments(bytes) - 1) / 2) * kLoneAck};
  }
  [[nodiscard]] Traffic Acknowledgement() const {
    return {.sent_bytes = kLoneAck + Sent(kWindowUpdates),
            .received_bytes = kLoneAck + Sent(Framed(kStored)) + kLoneAck};
  }
  [[nodiscard]] Traffic FeedPing(double encoded) const {
    return {.sent_bytes = Sent(kWindowUpdates + Framed(encoded)) + kLoneAck,
            .received_bytes = Sent(kWindowUpdates + Framed(0))};
  }
  [[nodiscard]] Traffic CollectorPing() const {
    return {.sent_bytes = Sent(kHttpPing), .received_bytes = Sent(kHttpPing) + kLoneAck};
  }
  [[nodiscard]] Traffic Connect(const MessageSizes& sizes) const {
    Traffic all = kOpening;
    all.sent_bytes += Sent(Framed(sizes.hello)) + Sent(sizes.series_names);
    if (encryption_ != Encryption::kNone) all = all + kTlsHandshake;
    if (encryption_ == Encryption::kMutualTls) all = all + kClientCertificate;
    return all;
  }

 private:
  Encryption encryption_;
};

// How often `step` ends within `silence`, whose end is no silence any more.
double StepsWithin(Seconds silence, Seconds step) {
  return std::max(0.0, std::ceil(silence / step) - 1);
}

}  // namespace

LinkTerms LinkTermsOf(const AgentConfig& config) {
  const FeedConfig feed = FeedConfigFor(config);
  LinkTerms terms{.sample_interval = config.sample_interval,
                  .batch_interval = feed.delivery.batch_interval,
                  .batch_samples = feed.delivery.batch_samples,
                  .ping_after = feed.delivery.speaks_every};
  if (config.tls) {
    terms.encryption = config.tls->cert.empty() ? Encryption::kTls : Encryption::kMutualTls;
  }
  return terms;
}

LinkCost CostOfADay(const MessageSizes& sizes, const LinkTerms& terms) {
  const Wire wire(terms.encryption);
  const Seconds period = std::max(terms.sample_interval, terms.batch_interval);
  const double samples = period / Seconds(terms.sample_interval);  // That leave together.
  const double messages = std::ceil(samples / static_cast<double>(terms.batch_samples));
  const double encoded = sizes.first_sample + (samples / messages - 1) * sizes.further_sample;
  const double periods = kDay / period;

  const Seconds collector_silence = std::max(period, kAckEvery);
  const double acknowledgements = kDay / collector_silence;
  const double feed_pings = acknowledgements * StepsWithin(collector_silence, terms.ping_after);
  const Seconds device_silence = std::min(period, Seconds(terms.ping_after));
  const double collector_pings =
      (periods + feed_pings) * StepsWithin(device_silence, kCollectorKeepalive);

  return {
      .messages = {periods * messages, wire.Message(encoded) * (periods * messages)},
      .acknowledgements = {acknowledgements, wire.Acknowledgement() * acknowledgements},
      .signs_of_life = {feed_pings + collector_pings, wire.FeedPing(sizes.ping) * feed_pings +
                                                          wire.CollectorPing() * collector_pings},
      .connects = {1, wire.Connect(sizes)}};
}

}  // namespace edgefeed
