// Reads, for each eMMC of version 5.0 or later (an SD card has no such files),
//   /sys/block/mmcblk0/device/life_time       0x03 0x01
//   /sys/block/mmcblk0/device/pre_eol_info    0x01
// which are bytes of the chip's register EXT_CSD (JEDEC JESD84-B50, 7.4): the life that its
// memories of type A and B have used, 0x01: up to 10 %, … 0x0A: up to 100 %, 0x0B: more than that;
// its spare blocks, 0x01: normal, 0x02: 80 % are used, 0x03: urgent. 0x00 is not defined.
#include "agent/proc/emmc.h"

#include <string>
#include <vector>

#include "agent/proc/directory.h"
#include "agent/proc/slow_source.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr unsigned kEveryMinute = 6;
constexpr unsigned kMostLife = 0x0B;
constexpr unsigned kMostPreEol = 3;

// "0x0b"; nothing for 0, and for what is more than `most`.
std::optional<unsigned> ParseByte(std::string_view text, unsigned most) {
  if (!text.starts_with("0x")) return std::nullopt;
  const auto byte = ParseHexNumber<unsigned>(text.substr(2));
  if (byte == 0U || byte > most) return std::nullopt;
  return byte;
}

class Emmc final : public SlowSource {
 public:
  explicit Emmc(std::filesystem::path directory, std::vector<std::string> names)
      : SlowSource(kEveryMinute), directory_(std::move(directory)), names_(std::move(names)) {}

 private:
  Status Look(MachineState& state) override {
    for (const std::string& name : names_) {
      const auto device = directory_ / name / "device";
      if (const auto text = ReadSmallFile(device / "life_time")) {
        const auto [a, b] = ParseEmmcLifeTime(*text);
        if (a) state.Add(metrics::kEmmcLifeUsed, *a, {{"device", name}, {"type", "a"}});
        if (b) state.Add(metrics::kEmmcLifeUsed, *b, {{"device", name}, {"type", "b"}});
      }
      if (const auto text = ReadSmallFile(device / "pre_eol_info")) {
        const auto spare = ParseByte(Trim(*text), kMostPreEol);
        if (spare) state.Add(metrics::kEmmcPreEol, *spare, {{"device", name}});
      }
    }
    return {};
  }

  std::filesystem::path directory_;
  std::vector<std::string> names_;
};

}  // namespace

std::array<std::optional<double>, 2> ParseEmmcLifeTime(std::string_view text) {
  std::array<std::optional<double>, 2> used;
  for (auto& of_type : used) {
    const auto byte = ParseByte(NextField(text).value_or(""), kMostLife);
    if (byte) of_type = static_cast<double>(*byte) / 10;
  }
  return used;
}

SourceResult OpenEmmc(const KernelRoots& roots) {
  const auto directory = roots.sys / "block";
  std::vector<std::string> names;
  for (const unsigned number : NumberedEntries(directory, "mmcblk")) {
    std::string name = "mmcblk" + std::to_string(number);
    std::error_code error;
    if (std::filesystem::exists(directory / name / "device/life_time", error)) {
      names.push_back(std::move(name));
    }
  }
  if (names.empty()) return Error{Code::kNotFound, directory.string() + ": no eMMC tells its life"};
  return std::unique_ptr<Source>(std::make_unique<Emmc>(directory, std::move(names)));
}

}  // namespace edgefeed
