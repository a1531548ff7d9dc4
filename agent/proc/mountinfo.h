#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace edgefeed {

struct Mount {
  std::string device;  // "major:minor" of the file system: the same for all of its mounts.
  std::string root;    // Which directory of the file system is mounted: "/" for all of it.
  std::string mountpoint;
  std::string fstype;
  friend bool operator==(const Mount&, const Mount&) = default;
};

// The mounts in the text of /proc/self/mountinfo. A line that is cut short is left out.
std::vector<Mount> ParseMountinfo(std::string_view text);

// The mounts to tell of: local storage, each file system once. A mount is only told of when statvfs
// on its path cannot meet anything that might hang (a dead NFS server, FUSE) or do something
// (an automounter).
std::vector<Mount> LocalFilesystems(const std::vector<Mount>& mounts);

}  // namespace edgefeed
