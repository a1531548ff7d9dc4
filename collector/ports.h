#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/model/alert.h"
#include "common/model/alert_event.h"
#include "common/model/device.h"
#include "common/model/dump.h"
#include "common/model/notification.h"
#include "common/model/sample.h"
#include "common/model/series.h"

// What one stage of the collector offers to another.
namespace edgefeed {

struct NamedReading {
  Series series;
  double value = 0;
};

// What the collector knows of one device at one moment.
struct DeviceSnapshot {
  std::string name;
  bool connected = false;
  std::string address;  // ip:port of the feed that is, or last was, open.
  WallTime first_seen;  // When the collector received the first and the newest payload.
  WallTime last_seen;
  std::uint64_t request_count = 0;         // Payloads accepted since it was first seen.
  std::vector<std::string> firing;         // Names of the rules that fire now.
  std::shared_ptr<const DeviceInfo> info;  // Null: an original client, which does not say.
  // The newest sample; none yet since the collector started unless `has_sample`.
  bool has_sample = false;
  WallTime sample_time;
  double cpu_usage_percent = 0;
  double memory_used_mib = 0;
  std::vector<NamedReading> readings;  // Empty unless asked for.
};

// Backlog waited for the connection: it is history, and neither news nor a reason for an alert.
enum class Lane { kLive, kBacklog };

// Where ingest hands on what it accepted. On the device's engine strand, like all below.
class FleetUpdates {
 public:
  virtual ~FleetUpdates() = default;
  // Makes the device known. RESOURCE_EXHAUSTED when there are as many as allowed.
  virtual Status Admit(const std::string& device) = 0;
  // Precondition of all below: the device has been admitted.
  virtual void Connected(const std::string& device, const std::string& address) = 0;
  virtual void Disconnected(const std::string& device) = 0;
  // Counts the sample. It becomes the newest, unless it is backlog and older than the newest.
  virtual void Update(const std::string& device, Sample sample, Lane lane) = 0;
  virtual void Describe(const std::string& device,
                        const std::shared_ptr<const DeviceInfo>& info) = 0;
  virtual void SetFiring(const std::string& device, std::vector<std::string> rules) = 0;
};

// Holds what devices send against the rules.
class RuleEvaluator {
 public:
  virtual ~RuleEvaluator() = default;
  // `sample`'s readings refer to the shard's SeriesTable. Of backlog come only late alerts.
  virtual void Observe(const std::string& device, const Sample& sample, Lane lane) = 0;
  // The device has said something, if only that it is there.
  virtual void Heard(const std::string& device) = 0;
  // What the device says of itself: rules choose devices by their labels.
  virtual void Describe(const std::string& device,
                        const std::shared_ptr<const DeviceInfo>& info) = 0;
};

// What devices are told of their own alerts.
class DeviceAlerts {
 public:
  virtual ~DeviceAlerts() = default;
  // The first one for the device with a number above `after`. It stays until it is acknowledged.
  // Null: there is none. Valid until the next call.
  virtual const Alert* Next(const std::string& device, std::uint64_t after) = 0;
  // The device has all up to this number.
  virtual void Acknowledge(const std::string& device, std::uint64_t number) = 0;
};

// All that the rules remember of a device, for the next run of the collector.
struct DeviceRuleState {
  std::string device;
  std::string bytes;  // Empty: there is nothing to remember.
};

// Where the rules hand on what has become of alerts. From any engine strand; never waits.
class AlertRecorder {
 public:
  virtual ~AlertRecorder() = default;
  // Both get to stable storage together, or neither does. The events are in order.
  virtual void Record(std::vector<AlertEvent> events, DeviceRuleState state) = 0;
};

// An alert that fires, for /metrics.
struct FiringAlert {
  std::string rule;
  std::string device;
  Labels labels;  // Of its series.
  Severity severity = Severity::kWarning;
  bool no_data = false;
};

struct FiringAlerts {
  std::vector<FiringAlert> alerts;
  std::size_t omitted = 0;  // There were too many.
};

// Reads which alerts fire. From any thread; the answer comes on the alerts strand, once, unless the
// collector stops first. An answer must only hand over.
class AlertReader {
 public:
  virtual ~AlertReader() = default;
  virtual void ListFiring(std::size_t most, std::function<void(FiringAlerts)> answer) = 0;
};

// Tells operators. On the alerts strand.
class OperatorNotices {
 public:
  virtual ~OperatorNotices() = default;
  // Writes it down for each receiver that it is routed to, in the caller's transaction.
  virtual Status Put(const Notification& notification) = 0;
  // That transaction is on stable storage: what was written down may go.
  virtual void Committed() = 0;
};

// Keeps the samples of one shard's devices for good. On the device's engine strand.
class SampleStore {
 public:
  virtual ~SampleStore() = default;
  // Takes a copy. Whoever opened the store hears of the sample's position once it is on stable
  // storage. UNAVAILABLE when the disk does not keep up or does not take anything: the sample is
  // not taken, and the device must send it again later.
  virtual Status Append(const std::string& device, const Sample& sample, WallTime received) = 0;
  // False while the disk is behind: what is taken on now may soon have to be refused.
  [[nodiscard]] virtual bool HasRoom() const = 0;
  // What the device says of itself, when it is new or has changed.
  virtual void Describe(const std::string& device, const DeviceInfo& info) = 0;
};

// A stored sample, for those who hand on everything that is stored.
struct StoredSample {
  std::uint64_t place = 0;              // Ascends, with gaps, for ever.
  const std::string* device = nullptr;  // Valid, and the same, as long as the reader.
  WallTime received;
  Sample sample;  // Its SeriesIds are the reader's.
};

struct StoredRun {
  std::vector<StoredSample> samples;
  std::uint64_t unreadable = 0;  // Samples that stood between them and are damaged.
};

// Reads all that is stored, of all devices, in the order in which it was stored: of one device an
// older sample may follow a newer one. What a reader is not done with is kept. On the strand that
// it was made for; its calls wait for the disk.
class StoredSamples {
 public:
  virtual ~StoredSamples() = default;
  // The next ones: at least so many values of them, or as many as there are.
  virtual Result<StoredRun> Next(std::size_t values) = 0;
  // Valid as long as the reader. Precondition: a sample that was read has it.
  [[nodiscard]] virtual const Series& series(SeriesId id) const = 0;
  // Everything up to this place may be deleted.
  virtual void Done(std::uint64_t place) = 0;
  // Up to here samples are kept no longer: they are to be left out. 0: there are none.
  [[nodiscard]] virtual std::uint64_t ExpiredUpTo() = 0;
};

// A device that an earlier run of the collector knew.
struct KnownDevice {
  std::string name;
  WallTime first_seen;
  WallTime last_seen;
  std::uint64_t request_count = 0;
  std::shared_ptr<const DeviceInfo> info;  // Null: an original client.
  std::vector<StreamPosition> stored;      // Newest stream last, at most kMaxStreams.
};

enum class Detail { kHeadline, kReadings };

// Reads the newest state of devices. From any thread; the answer comes on an engine strand, once,
// perhaps before the call returns, unless the collector stops first. An answer must only hand over.
class FleetReader {
 public:
  virtual ~FleetReader() = default;
  // NOT_FOUND, naming it, when the device was never seen.
  virtual void Get(const std::string& name, Detail detail,
                   std::function<void(Result<DeviceSnapshot>)> answer) = 0;
  // Every device, in order of name.
  virtual void List(Detail detail, std::function<void(std::vector<DeviceSnapshot>)> answer) = 0;
};

// A crash dump of a device, and the upload that it came with.
struct ArrivedDump {
  std::string_view device;
  std::string_view upload_id;
  std::string_view filename;     // A name for people.
  std::uint64_t size_bytes = 0;  // 0: its description is all there is.
  Sha256Digest sha256{};
  std::string_view description;  // EncodeDumpInfo().
};

struct DumpUsage {
  std::uint64_t device_bytes = 0;  // Of the kept dumps of one device,
  std::uint64_t all_bytes = 0;     // and of all.
};

// Keeps crash dumps whose uploads are complete. On the uploads strand.
class DumpKeeper {
 public:
  virtual ~DumpKeeper() = default;
  // Takes over a file with these bytes, which is on stable storage. Where there is one already,
  // that one stays.
  virtual Status Adopt(const std::filesystem::path& file, const Sha256Digest& sha256) = 0;
  // A file that was adopted, whether or not it was recorded.
  [[nodiscard]] virtual bool HasFile(const Sha256Digest& sha256,
                                     std::uint64_t size_bytes) const = 0;
  // Writes down what is known of it, in the caller's transaction, which also says that the upload
  // is complete. Its file has been adopted.
  virtual Status Record(const ArrivedDump& dump) = 0;
  // That transaction is on stable storage.
  virtual void Recorded() = 0;
  virtual Result<DumpUsage> Usage(std::string_view device) = 0;
  // Forgets bytes of dumps that are the least missed, until those of the device and those of all
  // are fewer by so many, or nothing more may go.
  virtual Status MakeRoom(std::string_view device, const DumpUsage& fewer) = 0;
};

// Looks into a dump, outside of this process. Calls `done` once, on the uploads strand, with what
// it found: threads and modules; not before it has returned.
class DumpReader {
 public:
  virtual ~DumpReader() = default;
  virtual void Inspect(const std::filesystem::path& dump,
                       std::function<void(Result<DumpInfo>)> done) = 0;
};

}  // namespace edgefeed
