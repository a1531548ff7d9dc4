// Writes what fuzzers begin with: for each binary format something that our own programs would
// write. (Texts of the corpora are fixtures and the files of config/.)
//   edgefeed_fuzz_seeds DIRECTORY
#include <elf.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <numeric>

#include "agent/crash/dump_record.h"
#include "agent/crash/ledger.h"
#include "agent/outbox/segment_writer.h"
#include "collector/alerts/alert_codec.h"
#include "collector/history/frame.h"
#include "collector/history/record_codec.h"
#include "collector/notify/notification_codec.h"
#include "collector/rules/device_state_codec.h"
#include "common/base/varint.h"
#include "common/columns/column.h"
#include "common/columns/sample_columns.h"
#include "common/compress/zstd_stream.h"
#include "common/wire/dump_info.h"
#include "common/wire/payload_encoder.h"
#include "common/wire/response.h"
#include "telemetry.pb.h"
#include "tests/fuzz/input.h"
#include "tests/support/core_builder.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path* directory = nullptr;  // NOLINT: of this small program.

void Write(const std::string& target, const std::string& name, std::string_view bytes) {
  std::filesystem::create_directories(*directory / target);
  std::ofstream(*directory / target / name, std::ios::binary) << bytes;
}

std::string Little(std::uint64_t number, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(number >> (8 * i)));
  return out;
}

constexpr StreamId kStream = 7;

std::vector<Series> Names() {
  return {{.metric = "temperature_celsius", .labels = {{"zone", "cpu"}}},
          {.metric = "disk_free_ratio", .labels = {{"mount", "/"}, {"type", "ext4"}}},
          {.metric = "frames_total", .labels = {}}};
}

// What a device measures in that many seconds: a decimal, an exact share, a counter, and a gap.
std::vector<Sample> Samples(std::uint64_t count) {
  std::vector<Sample> samples;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto x = static_cast<double>(i);
    Sample sample{.position = {kStream, i},
                  .time = FromUnixMillis(1'700'000'000'000 + 1000 * i),
                  .clock = ClockTrust::kKernel,
                  .since_boot = std::chrono::milliseconds(60'000 + 1000 * i),
                  .cpu_usage_percent = 12.5 + static_cast<double>(i % 7),
                  .memory_used_mib = 311.25};
    sample.readings.push_back({0, 41.5 + 0.1 * x});
    if (i % 3 != 0) sample.readings.push_back({1, 1 / (x + 1)});
    sample.readings.push_back({2, 1e6 * x});
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::string Columns(const std::vector<Sample>& samples) {
  std::vector<std::uint32_t> numbers(3);
  std::iota(numbers.begin(), numbers.end(), 0U);
  std::vector<const Sample*> pointers;
  for (const Sample& sample : samples) pointers.push_back(&sample);
  std::string out;
  EncodeSamples(pointers, numbers, out);
  return out;
}

void WriteColumns() {
  for (const std::size_t count : {1, 5, 60}) {
    const std::string name = std::to_string(count);
    const auto size = static_cast<char>(count);
    Write("columns", "samples-" + name, size + Columns(Samples(count)));
    Write("history_chunks", "samples-" + name, Columns(Samples(count)));
    std::vector<double> values;
    std::vector<std::int64_t> integers;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(i % 5 == 4 ? 1e300 / static_cast<double>(i) : 0.1 * static_cast<double>(i));
      integers.push_back(static_cast<std::int64_t>(i * i) - 7);
    }
    std::string column;
    EncodeColumn(values, column);
    Write("columns", "column-" + name, size + column);
    column.clear();
    EncodeIntegers(integers, column);
    Write("columns", "integers-" + name, size + column);
  }
  std::string rollup;
  std::string frames;
  for (int part = 0; part < 5; ++part) {
    const std::string columns = Columns(Samples(6));
    PutVarint(columns.size(), rollup);
    rollup += columns;
    PutVarint(columns.size(), frames);
    frames += columns;
  }
  Write("history_chunks", "rollup", rollup);
  std::string negative;
  for (int part = 0; part < 5; ++part) {
    std::vector<Sample> samples = Samples(1);
    samples.front().cpu_usage_percent = -1;
    const std::string columns = Columns(samples);
    PutVarint(columns.size(), negative);
    negative += columns;
  }
  Write("history_chunks", "rollup-of-negative-count", negative);
  Write("history_chunks", "frames", frames);
}

void WritePayloads() {
  SeriesTable series(16);
  for (const Series& name : Names()) (void)series.Intern(name);
  PayloadEncoder encoder("edge-1", {.boot_id = "b", .run_id = "r", .labels = {{"site", "lab"}}},
                         series);
  telemetry::MetricsPayload payload;
  encoder.EncodeOriginal(Samples(1).front(), payload);
  Write("payload", "original", FuzzPart(payload.SerializeAsString()));
  std::string feed;
  encoder.EncodeHello(std::vector<StreamPosition>{{kStream, 3}}, 15s, payload);
  feed += FuzzPart(payload.SerializeAsString());
  encoder.EncodeBatch(Samples(12), true, payload);
  feed += FuzzPart(payload.SerializeAsString());
  encoder.EncodePing(payload);
  feed += FuzzPart(payload.SerializeAsString());
  encoder.EncodeBatch(Samples(2), false, payload);
  feed += FuzzPart(payload.SerializeAsString());
  Write("payload", "feed", feed);

  FeedReply reply;
  reply.alert = Alert{.number = 3,
                      .rule = "HOT",
                      .message = "too hot",
                      .value = 91,
                      .time = FromUnixMillis(1'700'000'000'000),
                      .severity = Severity::kCritical};
  reply.welcome = Welcome{.stored = {{kStream, 9}}};
  reply.stored = {{kStream, 12}};
  reply.rejected = {{{kStream, 11}, "cpu_usage is 200"}};
  reply.redirect = Redirect{.addresses = {"collector-2:50051"}, .after = 1s, .spread = 5s};
  reply.server_time = FromUnixMillis(1'700'000'000'000);
  telemetry::AlertResponse wire;
  ToWire(reply, wire);
  Write("feed_reply", "all", wire.SerializeAsString());
}

void WriteOutbox() {
  SegmentWriter writer({.stream = kStream, .since_boot = 90s});
  const auto samples = Samples(20);
  std::string segment = writer.Encode(std::span(samples).first(8), Names());
  segment += writer.Encode(std::span(samples).subspan(8), Names());
  Write("outbox_segment", "whole", segment);
  Write("outbox_segment", "torn", segment.substr(0, segment.size() - 9));
  std::string damaged = segment;
  damaged[segment.size() / 2] ^= 0x55;
  Write("outbox_segment", "damaged", damaged);
  Write("outbox_segment", "name", "0123456789abcdef-0000000000000001.seg");
  Write("outbox_segment", "boot-id", "f1d40a13-5ac4-4d3e-9b0a-3f8b1c2d4e5f\n");

  const auto names = Names();
  std::vector<const Series*> pointers;
  for (const Series& name : names) pointers.push_back(&name);
  std::string payload;
  AppendSampleNumbers({.dictionary_size = 3, .sequences = {1, 2, 3, 4, 5, 6}}, payload);
  payload += Columns(Samples(6));
  const std::string dictionary =
      std::string(1, '\1') + Little(0, 2) + FuzzPart(EncodeDictionary(0, pointers));
  const std::string records = std::string(1, '\2') + Little(6, 2) + FuzzPart(payload);
  Write("outbox_records", "dictionary", dictionary);
  Write("outbox_records", "samples", dictionary + records);
}

// A second of two devices, and what their numbers stand for.
std::string Entries(std::uint64_t second) {
  std::string out;
  if (second == 1) {
    PutDeviceName(1, "edge-1", out);
    PutSeriesName(0, Names()[0], out);
    PutDeviceDescription(1, {.boot_id = "boot", .labels = {{"site", "lab"}}}, out);
    DeviceInfo info{.run_id = "run"};
    info.boot = BootInfo{.reason = BootReason::kUnknown, .detail = "who knows", .offline = 5s};
    PutDeviceDescription(2, info, out);
  }
  for (const DeviceNumber device : {1U, 2U}) {
    const std::string columns = Columns({Samples(second).back()});
    PutFrame({.device = device,
              .position = {device == 1 ? kStream : 0, second},
              .received = FromUnixMillis(1'700'000'000'040 + 1000 * second),
              .time = FromUnixMillis(1'700'000'000'000 + 1000 * second),
              .columns = columns},
             out);
  }
  return out;
}

// A payload as the target wants it: what is packed stands there unpacked.
std::string Opened(std::uint64_t count, std::string_view plain, std::string_view payload) {
  payload.remove_prefix(1);
  (void)TakeVarint(payload);
  const auto packed = TakeVarint(payload);
  payload.remove_prefix(packed.value_or(0));
  return Little(count, 2) + FuzzPart(plain) + FuzzPart(payload);
}

void WriteHistory() {
  RecordEncoder encoder;
  std::string segment;
  std::string records;
  for (std::uint64_t second = 1; second <= 4; ++second) {
    const std::string entries = Entries(second);
    Write("history_entries", std::to_string(second), entries);
    std::string payload;
    encoder.Encode(entries, payload);
    segment += std::string(1, static_cast<char>(second)) + FuzzPart(payload);
    const std::uint64_t count = second == 1 ? 6 : 2;
    // Series come and go in the third second, which is why its frames are written in full.
    const bool in_full = second == 1 || second == 3 || second == 4;
    records += payload.front() + Opened(count, in_full ? entries : "", payload);
    Write("history_records", "records-" + std::to_string(second), records);
  }
  Write("history_segment", "whole", segment);
  Write("history_segment", "torn", segment.substr(0, segment.size() - 20));
  Write("history_segment", "gap", std::string(1, '\0') + FuzzPart("lost") + segment);
  Write("history_entries", "info", EncodeInfo({.boot_id = "boot", .labels = {{"site", "lab"}}}));
  Write("history_entries", "labels", EncodeLabels({{"mount", "/"}, {"type", "ext4"}}));
}

AlertEvent Event() {
  return {.key = {.device = "edge-1", .rule = "HOT", .series = Names()[0]},
          .value = 91.5,
          .threshold = 90,
          .message = "edge-1: too hot",
          .time = FromUnixMillis(1'700'000'000'000),
          .device_labels = {{"site", "lab"}}};
}

void WriteAlerts() {
  const WallTime time = FromUnixMillis(1'700'000'000'000);
  Write("alert_records", "event", EncodeEvent(Event()));
  BookedAlert alert{.id = "a1", .event = Event(), .started = time, .fired = time, .updated = time};
  alert.now.firing = true;
  alert.acknowledged = Acknowledgement{.author = "eve", .comment = "mine", .at = time};
  alert.changes = {time, time + 1s};
  Write("alert_records", "alert", EncodeAlert(alert));
  Silence silence{.number = 4,
                  .matchers = {{.field = "device", .kind = MatchKind::kIsLike, .value = "e*g?-1"},
                               {.field = "labels.zone", .kind = MatchKind::kIsNot, .value = "x"}},
                  .author = "eve",
                  .comment = "works",
                  .created = time,
                  .expires = time + 1h,
                  .window = "Mon-Fri 22:00-06:00 +01:00"};
  Write("alert_records", "silence", EncodeSilence(silence));
  const std::string notification =
      EncodeNotification({.number = 5, .event = Event(), .started = time});
  Write("alert_records", "notification", notification);
  Write("alert_records", "notification-unsealed", notification.substr(0, notification.size() - 4));

  SavedDevice device;
  device.timeline = {.last = time, .ahead = 5s, .interval = 1s};
  SavedInstance instance{.rule = "HOT", .condition_id = 99, .series = Names()[1]};
  instance.state.levels[0] = {.on = true, .since = time};
  instance.no_data = true;
  device.instances = {instance, {.rule = "CPU_HIGH", .series = {.metric = "cpu_usage"}}};
  device.mailbox.last_number = 7;
  device.mailbox.letters.push_back({.alert = {.number = 7, .rule = "HOT", .time = time},
                                    .subject = "HOT zone=cpu",
                                    .written = time,
                                    .sent = true});
  device.mailbox.told = {"HOT zone=cpu"};
  Write("rule_states", "all", EncodeSavedDevice(device));
}

DumpInfo Crash() {
  DumpInfo info;
  info.command = "sensord";
  info.executable = "/usr/bin/sensord";
  info.signal = 11;
  info.pid = 42;
  info.crashed_at = FromUnixMillis(1'700'000'000'000);
  info.modules.push_back({.path = "/usr/bin/sensord", .build_id = "0123456789abcdef"});
  info.threads.emplace_back();
  info.threads.back().frames.emplace_back();
  return info;
}

void WriteDumps() {
  DumpRecord record{.head = {.id = "d1", .filename = "core", .size_bytes = 10}, .info = Crash()};
  record.head.origin = {.key = "k", .directory = "/crashes", .name = "core", .is_ours = true};
  const std::string framed = EncodeDumpRecord(record);
  Write("dump_files", "record", framed);
  const std::size_t header = 24;
  const std::string info = EncodeDumpInfo(Crash());
  const std::string head = framed.substr(header, framed.size() - header - info.size());
  Write("dump_files", "record-unsealed", FuzzPart(head) + info);
  Write("dump_files", "info", info);
  Ledger ledger;
  ledger.device = {.thousandths = 5000, .at = PoweredTime(7)};
  ledger.signatures["sig"] = {.thousandths = 100, .at = PoweredTime(8)};
  ledger.suppressed["sig"] = {.id = "d2", .began = PoweredTime(1), .last = PoweredTime(2)};
  ledger.suppressed["sig"].info = Crash();
  ledger.admitted["source"] = 2;
  ledger.done = {"other"};
  ledger.tries["d1"] = {.failures = 1, .interrupted = 2};
  const std::string bytes = EncodeLedger(ledger, {.boot_id = "boot"});
  Write("dump_files", "ledger", bytes);
  Write("dump_files", "ledger-unsealed", FuzzPart(bytes.substr(header)));
  Write("upload_request", "dump",
        FuzzPart("edge-1") + FuzzPart("d1-0_A") + FuzzPart("core.zst") +
            FuzzPart(std::string(32, 'x')) + Little(10, 8) + info);
  Write("upload_request", "file",
        FuzzPart("") + FuzzPart("up-1") + FuzzPart("report .txt") + FuzzPart(std::string(32, 'x')) +
            Little(0, 8));
  for (const char* name : {"..", "../x", "a/b", ".hidden"}) {
    Write("upload_request", "named-" + std::to_string(std::string(name).size()) + name[0],
          FuzzPart("edge-1") + FuzzPart("up") + FuzzPart(name) + FuzzPart(std::string(32, 'x')) +
              Little(1, 8));
  }
}

void WriteOthers() {
  const std::pair<const char*, std::uint16_t> machines[] = {
      {"x86_64", EM_X86_64}, {"i386", EM_386}, {"arm", EM_ARM}, {"aarch64", EM_AARCH64}};
  for (const auto& [name, machine] : machines) {
    const std::string core = SmallCore(machine);
    Write("core", name, core);
    Write("core", std::string(name) + "-torn", core.substr(0, core.size() / 2));
  }
  ZstdCompressor compressor;
  std::string packed;
  compressor.Update("what is packed here, packed here, packed here", packed);
  compressor.Finish(packed);
  Write("zstd", "packed", packed);
  Write("zstd", "two", packed + packed);
  Write("zstd", "torn", packed.substr(0, packed.size() - 3));
  Write("zstd", "text", "not packed, not packed, not packed");
  Write("statsd", "all",
        Little(0, 2) + FuzzPart("sensord.frames:1|c\nsensord.frames:2|c|@0.1\n") + Little(500, 2) +
            FuzzPart("sensord.temperature:21.5|g\nsensord.temperature:-3|g") + Little(500, 2) +
            FuzzPart("sensord.read:320|ms|#camera:left,raw\r\nsensord.size:5|h") +
            Little(60'000, 2) +
            FuzzPart("x.y:1e308|c\n_e{5,4}:title|text\nx.y:1|s\ncpu_usage:1|g"));
}

}  // namespace
}  // namespace edgefeed

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: edgefeed_fuzz_seeds DIRECTORY\n";
    return 2;
  }
  const std::filesystem::path directory(argv[1]);
  edgefeed::directory = &directory;
  edgefeed::WriteColumns();
  edgefeed::WritePayloads();
  edgefeed::WriteOutbox();
  edgefeed::WriteHistory();
  edgefeed::WriteAlerts();
  edgefeed::WriteDumps();
  edgefeed::WriteOthers();
  return 0;
}
