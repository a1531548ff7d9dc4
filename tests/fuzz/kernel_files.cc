// agent/proc: files of /proc, /sys and /etc, each text to the parser of every file. What a parser
// says stays within what a metric can be.
#include "agent/proc/cgroup.h"
#include "agent/proc/device_identity.h"
#include "agent/proc/emmc.h"
#include "agent/proc/file_nr.h"
#include "agent/proc/loadavg.h"
#include "agent/proc/meminfo.h"
#include "agent/proc/mountinfo.h"
#include "agent/proc/net_dev.h"
#include "agent/proc/net_link.h"
#include "agent/proc/pressure.h"
#include "agent/proc/self_io.h"
#include "agent/proc/self_stat.h"
#include "agent/proc/under_voltage.h"
#include "common/base/text.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

void TryMounts(std::string_view text) {
  const auto mounts = ParseMountinfo(text);
  Promise(mounts.size() <= text.size(), "a mount takes a line");
  Promise(LocalFilesystems(mounts).size() <= mounts.size(), "local file systems are mounts");
}

void TryInterfaces(std::string_view text) {
  for (const auto& interface : ParseNetDev(text).interfaces) (void)IsToldOf(interface.name);
}

void TryNumbers(std::string_view text) {
  (void)ParseMemoryLimit(text);
  (void)ParseThreadCount(text);
  (void)ParseFileNr(text);
  (void)ParseWrittenBytes(text);
  (void)ParseSelfStat(text);
  (void)ParseThrottled(text);
  for (const auto& life : ParseEmmcLifeTime(text)) {
    Promise(!life || (*life >= 0 && *life <= 1.2), "a life is a share");
  }
  if (const auto speed = ParseNumber<std::int64_t>(Trim(text))) (void)LinkSpeedBytes(*speed);
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = edgefeed::FuzzInput(data, size).rest();
  edgefeed::TryMounts(text);
  edgefeed::TryInterfaces(text);
  edgefeed::TryNumbers(text);
  (void)edgefeed::ParseCgroup(text);
  (void)edgefeed::MeminfoFields(text);
  (void)edgefeed::ParsePressure(text);
  (void)edgefeed::OsReleaseValue(text, "PRETTY_NAME");
  return 0;
}
