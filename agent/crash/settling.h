#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/crash/drop_directory.h"
#include "common/base/clock.h"

namespace edgefeed {

// Whether somebody has a file open for writing.
enum class Writer { kNone, kSome, kUnknown };

// Of an open file. Only its owner, and who has CAP_LEASE, is told.
Writer WriterOf(int fd);

// Tells which files of one directory are complete. Whoever renames or links a file into place says
// so by that; of a file that is written in place nobody knows, least of all when its writer was
// killed, so it has to be quiet for some time, and whole. Pure.
class Settling {
 public:
  enum class Verdict {
    kWait,
    kCommitted,  // Its producer said that it is complete.
    kQuiet,      // Nobody writes into it: complete if it is whole. If not, tell NotWhole().
    kAbandoned,  // Nobody has touched it for ten minutes: more will not come.
  };
  struct Judgement {
    Verdict verdict = Verdict::kWait;
    SteadyTime again;  // With kWait: when to judge again, unless something happens before.
  };

  // What inotify said of a name.
  void RenamedIn(const std::string& name);
  void Created(const std::string& name, SteadyTime now);
  void ClosedAfterWriting(const std::string& name);

  Judgement Judge(const FoundFile& file, Writer writer, SteadyTime now);
  // It was read as it was then, and ends too early.
  void NotWhole(const std::string& name, const FileIdentity& identity);
  // Of files that are not among these nothing is remembered.
  void Retain(const std::vector<FoundFile>& files);

 private:
  struct File {
    FileIdentity identity;
    SteadyTime since;  // It is as it is.
    bool not_whole = false;
    bool renamed = false;
  };

  [[nodiscard]] bool IsCommitted(const FoundFile& file, const File& known, Writer writer,
                                 SteadyTime now) const;

  std::map<std::string, File> files_;
  std::set<std::string> renamed_;                // Names that were not judged since.
  std::map<std::string, SteadyTime> linked_at_;  // Names made and never closed by a writer.
};

}  // namespace edgefeed
