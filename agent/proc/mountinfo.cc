// Parses /proc/self/mountinfo.
//   27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
//   42 27 8:17 /photos /srv/my\040photos ro,noatime master:1 - xfs /dev/sdb1 rw
//   (id, parent, device, root, mount point, options, tags, "-", type, source, options)
#include "agent/proc/mountinfo.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "common/base/text.h"

namespace edgefeed {
namespace {

// Storage of this machine. Left out on purpose: squashfs, erofs, iso9660 and cramfs, which are full
// by nature and would set off every rule on free space.
constexpr std::array<std::string_view, 22> kLocal = {
    "bcachefs", "btrfs", "exfat", "ext2",  "ext3",   "ext4", "f2fs",  "hfs",
    "hfsplus",  "jffs2", "jfs",   "msdos", "nilfs2", "ntfs", "ntfs3", "reiserfs",
    "ubifs",    "udf",   "vfat",  "xfs",   "yaffs2", "zfs"};

// Not worth telling of, and harmless when they lie on the way to something that is.
constexpr std::array<std::string_view, 12> kHarmless = {"aufs",    "cramfs",   "devtmpfs", "erofs",
                                                        "iso9660", "overlay",  "proc",     "ramfs",
                                                        "rootfs",  "squashfs", "sysfs",    "tmpfs"};

static_assert(std::ranges::is_sorted(kLocal) && std::ranges::is_sorted(kHarmless));

bool IsLocal(const Mount& mount) {
  // A container's or a board's root is often an overlay: the disk behind it shows nowhere else.
  if (mount.fstype == "overlay") return mount.mountpoint == "/";
  return std::ranges::binary_search(kLocal, mount.fstype);
}

bool MightHang(const Mount& mount) {
  return !std::ranges::binary_search(kLocal, mount.fstype) &&
         !std::ranges::binary_search(kHarmless, mount.fstype);
}

bool LiesOnTheWay(const Mount& mount, std::string_view path) {
  const std::string_view point = mount.mountpoint;
  return point == "/" ||
         (path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/'));
}

bool IsSafe(const Mount& mount, const std::vector<Mount>& mounts) {
  return std::ranges::none_of(mounts, [&](const Mount& other) {
    return MightHang(other) && LiesOnTheWay(other, mount.mountpoint);
  });
}

// Whether `a` is the better one to show of two mounts of a file system: all of it rather than a
// directory bound elsewhere, then the shorter path.
bool IsBetter(const Mount& a, const Mount& b) {
  if ((a.root == "/") != (b.root == "/")) return a.root == "/";
  return a.mountpoint.size() < b.mountpoint.size();
}

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes blanks and backslashes as \040 and so on.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::ranges::all_of(text.substr(i + 1, 3), IsOctal)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<Mount> ParseLine(std::string_view line) {
  NextField(line);
  NextField(line);
  const auto device = NextField(line);
  const auto root = NextField(line);
  const auto mountpoint = NextField(line);
  while (const auto tag = NextField(line)) {
    if (*tag == "-") break;
  }
  const auto fstype = NextField(line);
  if (!fstype) return std::nullopt;
  return Mount{std::string(*device), Unescape(*root), Unescape(*mountpoint), std::string(*fstype)};
}

}  // namespace

std::vector<Mount> ParseMountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  while (const auto line = NextLine(text)) {
    if (auto mount = ParseLine(*line)) mounts.push_back(*std::move(mount));
  }
  return mounts;
}

std::vector<Mount> LocalFilesystems(const std::vector<Mount>& mounts) {
  // Of several mounts on one path only the last can be seen.
  std::map<std::string_view, const Mount*> visible;
  for (const Mount& mount : mounts) visible[mount.mountpoint] = &mount;

  std::map<std::string_view, const Mount*> by_device;
  for (const auto& [mountpoint, mount] : visible) {
    if (!IsLocal(*mount) || !IsSafe(*mount, mounts)) continue;
    const Mount*& best = by_device[mount->device];
    if (best == nullptr || IsBetter(*mount, *best)) best = mount;
  }
  std::vector<Mount> chosen;
  chosen.reserve(by_device.size());
  for (const auto& [device, mount] : by_device) chosen.push_back(*mount);
  std::ranges::sort(chosen, {}, &Mount::mountpoint);
  return chosen;
}

}  // namespace edgefeed
