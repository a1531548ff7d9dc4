#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/digest/sha256.h"
#include "common/model/device.h"
#include "common/model/series.h"
#include "common/model/tls.h"
#include "common/model/upload.h"

// What edgefeedctl asks of a collector: no gRPC types, so that commands are tested without any.
namespace edgefeed {

class AlertClient;
class DumpClient;
class Scheduler;

// A line of the list of devices.
struct DeviceEntry {
  std::string name;
  bool connected = false;
  std::string address;
  WallTime last_seen;
  std::vector<std::string> firing;  // Names of the rules that fire now.
  bool has_sample = false;          // Since the collector started; if not, the values are 0.
  double cpu_usage_percent = 0;
  double memory_used_mib = 0;
  std::optional<DeviceInfo> info;  // Not from original clients.
  std::string json;                // The message as it came; only when ClientOptions ask for it.
};

struct DeviceReading {
  Series series;
  double value = 0;
};

// A device's newest sample.
struct DeviceSample {
  std::string name;
  WallTime time;
  double cpu_usage_percent = 0;
  double memory_used_mib = 0;
  std::uint64_t request_count = 0;
  std::vector<DeviceReading> readings;  // Empty unless asked for.
  std::optional<DeviceInfo> info;       // Only with readings, and not from original clients.
  std::string json;                     // As in DeviceEntry.
};

// What is asked of a device's past.
struct PastQuery {
  std::string device;
  std::string metric;
  Labels labels;  // Which a series must have, among others.
  WallTime from;  // Included.
  WallTime to;    // Not included.
  // How long each answered value counts for; 0: every sample, as stored.
  std::chrono::milliseconds step{0};
};

// One sample's value, or what the samples of a step have in common.
struct PastValue {
  WallTime time;  // Of the sample; or where the step begins.
  double min = 0;
  double max = 0;
  double sum = 0;
  std::uint64_t count = 0;  // 1: a sample. Never 0: where nothing was sampled there is no value.
  double last = 0;
  std::string json;  // As in DeviceEntry, with the series.

  [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

struct PastSeries {
  Series series;
  std::vector<PastValue> values;  // In order of time; at least one.
};

enum class SampleDetail { kHeadline, kReadings };

struct SubscribeRequest {
  std::string device;  // Empty: the whole fleet.
  std::chrono::milliseconds interval{1000};
  SampleDetail detail = SampleDetail::kHeadline;
};

// What happens on a subscription. Called on its scheduler.
class SubscriptionEvents {
 public:
  virtual ~SubscriptionEvents() = default;
  // The collector answers: it is there.
  virtual void OnOpen() = 0;
  // The next one is read when this returns.
  virtual void OnSample(const DeviceSample& sample) = 0;
  // The last event, after Cancel() too. The subscription may be destroyed from here on.
  virtual void OnEnd(const Error& why) = 0;
};

// Destroy it only after OnEnd().
class Subscription {
 public:
  virtual ~Subscription() = default;
  // Makes OnEnd() come soon. On the scheduler.
  virtual void Cancel() = 0;
};

struct UploadChunk {
  std::string data;
  bool is_last = false;
};

// A file to upload, in order.
class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  // Precondition: the last one has not been returned.
  virtual Result<UploadChunk> Next() = 0;
};

struct UploadReply {
  std::uint64_t total_bytes = 0;
  std::uint64_t total_chunks = 0;
  bool success = false;
  std::string message;  // Where the collector keeps the file, for people.
  std::string json;     // As in DeviceEntry.
};

// A file that is sent in segments, and can go on after a break.
struct SegmentedFile {
  std::string upload_id;  // See proto/fileupload.proto.
  std::string name;
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256{};
};

// What goes in one call.
struct FileSegment {
  std::uint64_t epoch = 0;  // As BeginUpload() answered.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct UploadStep {
  UploadReport answer;
  std::string json;  // As in DeviceEntry.
};

struct BackupAmount {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Some bytes of a file: of each file from its beginning to its end.
struct BackupPiece {
  std::string path;  // As the collector says: not to be trusted.
  std::uint64_t file_bytes = 0;
  std::uint64_t offset = 0;
  std::string data;
};

// Takes a backup.
class BackupSink {
 public:
  virtual ~BackupSink() = default;
  // About how much will come. First.
  virtual void Expect(const BackupAmount& planned) = 0;
  virtual Status Take(const BackupPiece& piece) = 0;
};

// Blocking calls, except Subscribe(). Errors say what the user can do: see Explain().
class CollectorClient {
 public:
  virtual ~CollectorClient() = default;
  virtual Result<std::vector<DeviceEntry>> ListDevices() = 0;
  // With readings.
  virtual Result<DeviceSample> GetSnapshot(const std::string& device) = 0;
  // In order of series.
  virtual Result<std::vector<PastSeries>> GetHistory(const PastQuery& query) = 0;
  // Never fails at once: failures arrive by OnEnd(). Both must outlive the subscription.
  virtual std::unique_ptr<Subscription> Subscribe(const SubscribeRequest& request,
                                                  Scheduler& scheduler,
                                                  SubscriptionEvents& events) = 0;
  // An error of `source` ends the upload, and nothing is kept.
  virtual Result<UploadReply> Upload(const std::string& name, ChunkSource& source) = 0;
  // How much of a file is there. Waits as long as `patience` for a collector that is away; 0: is
  // told at once. UNIMPLEMENTED: only Upload() works.
  virtual Result<UploadStep> BeginUpload(const SegmentedFile& file,
                                         std::chrono::milliseconds patience) = 0;
  // `source` gives the segment's bytes; its last chunk is the file's, or the segment's. An error of
  // `source` ends it.
  virtual Result<UploadStep> UploadSegment(const SegmentedFile& file, const FileSegment& segment,
                                           ChunkSource& source) = 0;
  // The collector forgets what it has of an incomplete one.
  virtual Status AbortUpload(const SegmentedFile& file) = 0;
  // What the collector says it has sent. DATA_LOSS when it did not say so, or bytes have changed on
  // the way; an error of `sink` ends it.
  virtual Result<BackupAmount> Backup(BackupSink& sink) = 0;
  // Valid as long as the client.
  virtual DumpClient& dumps() = 0;
  virtual AlertClient& alerts() = 0;
};

// How much a client sends: decides how gRPC sizes its windows.
enum class Traffic { kLight, kBulk };
enum class JsonForm { kNone, kFilled };

struct ClientOptions {
  Endpoint collector;
  std::optional<TlsFiles> tls;  // Nothing: plaintext.
  std::string token;            // Empty: none.
  std::chrono::milliseconds timeout{
      10'000};  // For the calls that answer and end, but uploads and backups.
  Traffic traffic = Traffic::kLight;
  JsonForm json = JsonForm::kNone;
};

using MakeClient = std::function<Result<std::unique_ptr<CollectorClient>>(const ClientOptions&)>;

}  // namespace edgefeed
