#include "collector/rpc/dump_response.h"

#include <string>

#include "common/wire/dump_info.h"
#include "dumps.pb.h"

namespace edgefeed {
namespace {

std::string NoteOf(const DumpRecord& dump) {
  if (!dump.removed.empty()) return "no bytes are kept: " + dump.removed;
  if (!dump.inspection_error.empty()) {
    return "nothing was found in its bytes: " + dump.inspection_error;
  }
  return {};
}

}  // namespace

void ToWire(const DumpGroupRecord& group, dumps::DumpGroup& wire) {
  wire.set_id(group.id);
  wire.set_version(group.version);
  wire.set_title(group.title);
  wire.set_executable(group.executable);
  wire.set_signal(group.signal);
  wire.set_first_seen_ms(UnixMillis(group.first_seen));
  wire.set_last_seen_ms(UnixMillis(group.last_seen));
  wire.set_occurrences(group.occurrences);
  wire.set_dumps(group.kept_dumps);
  wire.set_bytes(group.kept_bytes);
  wire.set_device_count(group.device_count);
  for (const std::string& device : group.devices) wire.add_devices(device);
  for (const std::string& version : group.versions) wire.add_versions(version);
}

Status ToWire(const DescribedDump& described, dumps::Dump& wire) {
  const DumpRecord& dump = described.dump;
  const auto info = DecodeDumpInfo(described.info);
  if (!info) return info.error().Wrap("dump " + dump.id);
  wire.set_id(dump.id);
  wire.set_group(dump.group);
  wire.set_service_name(dump.device);
  wire.set_stored_at_ms(UnixMillis(dump.stored_at));
  wire.set_kept(dump.kept);
  wire.set_filename(dump.filename);
  wire.set_note(NoteOf(dump));
  ToWire(*info, *wire.mutable_info());
  if (dump.size_bytes == 0) return {};
  wire.set_sha256(std::string(BytesOf(dump.sha256)));
  wire.set_size_bytes(dump.size_bytes);
  return {};
}

}  // namespace edgefeed
