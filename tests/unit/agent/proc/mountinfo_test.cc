#include "agent/proc/mountinfo.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

using Names = std::vector<std::string>;

Names Told(const std::string& mountinfo) {
  Names names;
  for (const Mount& mount : LocalFilesystems(ParseMountinfo(mountinfo))) {
    names.push_back(mount.fstype + " " + mount.mountpoint);
  }
  return names;
}

Names ToldByFixture(const std::string& name) {
  return Told(FixtureText(name, "proc/self/mountinfo"));
}

}  // namespace

TEST_CASE("a mount's line is parsed, with any number of tags") {
  const Mount expected{"8:17", "/photos", "/srv/my photos", "xfs"};
  for (const char* tags : {"", "master:1 ", "shared:7 master:1 unbindable "}) {
    const auto mounts = ParseMountinfo("42 27 8:17 /photos /srv/my\\040photos ro,noatime " +
                                       std::string(tags) + "- xfs /dev/sdb1 rw\n");
    REQUIRE(mounts.size() == 1);
    CHECK(mounts[0] == expected);
  }
}

TEST_CASE("escapes of all kinds, and backslashes that are none") {
  const auto mounts = ParseMountinfo("1 1 8:1 / /a\\011b\\134040\\9\\04 rw - ext4 x rw\n");
  REQUIRE(mounts.size() == 1);
  CHECK(mounts[0].mountpoint == "/a\tb\\040\\9\\04");
}

TEST_CASE("lines that are cut short are left out") {
  const std::string line = "42 27 8:17 / /srv rw shared:1 - xfs";
  CHECK(ParseMountinfo(line).size() == 1);
  for (std::size_t size = 0; size + 4 < line.size(); ++size) {
    CAPTURE(size);
    CHECK(ParseMountinfo(line.substr(0, size)).empty());
  }
}

TEST_CASE("each machine tells of its local file systems, once each") {
  CHECK(ToldByFixture("i686-3.10-panel") == Names{"ext3 /"});
  CHECK(ToldByFixture("armv7-4.9-onecore") == Names{"ext4 /", "f2fs /data", "jffs2 /mnt/config"});
  CHECK(ToldByFixture("arm64-5.15-fourcore") ==
        Names{"ext4 /", "vfat /boot", "exfat /media/usb stick"});
  CHECK(ToldByFixture("container-5.10") == Names{"overlay /", "xfs /etc/hosts"});
}

// The server has a CIFS mount over /srv, an automounter on /boot, btrfs subvolumes and snaps.
TEST_CASE("on a server, what lies behind a network mount or an automounter is left alone") {
  CHECK(ToldByFixture("x86_64-6.1-server") ==
        Names{"ext4 /", "zfs /archive", "xfs /data", "btrfs /home"});
}

TEST_CASE("statvfs never walks through a mount that might hang") {
  const std::string root = "1 0 8:1 / / rw - ext4 x rw\n";
  const std::string inner = "3 2 8:2 / /mnt/nfs/disk rw - ext4 x rw\n";
  CHECK(Told(root + "2 1 0:9 / /mnt/nfs rw - nfs4 s rw\n" + inner) == Names{"ext4 /"});
  CHECK(Told(root + "2 1 0:9 / /mnt rw - fuse.glusterfs s rw\n" + inner) == Names{"ext4 /"});
  CHECK(Told(root + "2 1 0:9 / /mnt/n rw - nfs s rw\n" + inner) ==
        Names{"ext4 /", "ext4 /mnt/nfs/disk"});
  CHECK(Told("1 0 0:9 / / rw - nfs s rw\n2 1 8:2 / /data rw - ext4 x rw\n").empty());
}

TEST_CASE("of mounts over each other only the last is there") {
  CHECK(Told("1 0 8:1 / /data rw - ext4 x rw\n2 1 8:2 / /data rw - xfs x rw\n") ==
        Names{"xfs /data"});
  CHECK(Told("1 0 8:1 / /data rw - ext4 x rw\n2 1 0:5 / /data rw - tmpfs x rw\n").empty());
}

TEST_CASE("of several mounts of one file system the whole one is shown") {
  CHECK(Told("1 0 8:1 /deep /a rw - ext4 x rw\n2 0 8:1 / /longer/path rw - ext4 x rw\n") ==
        Names{"ext4 /longer/path"});
}

}  // namespace edgefeed
