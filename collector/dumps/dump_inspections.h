#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "collector/dumps/dump_files.h"
#include "collector/dumps/dump_record.h"
#include "collector/dumps/dump_table.h"
#include "collector/dumps/group_table.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/model/dump.h"

namespace edgefeed {

// Has stored dumps looked into, one after another, and adds what is found to what is known: with
// better frames a dump may belong to another group. Which ones are to be looked into is in the
// database, so that a restart forgets none. On the uploads strand.
class DumpInspections {
 public:
  struct Parts {
    Database& database;
    DumpTable& dumps;
    GroupTable& groups;
    DumpFiles& files;
    DumpReader* reader;  // Null: nobody looks into dumps.
    CollectorStats& stats;
  };
  // Hears of each group that a dump has come into.
  using Regrouped = std::function<void(const std::string& group)>;

  // `parts` must outlive it, and the reader's answers may come when it is gone.
  DumpInspections(const Parts& parts, Regrouped regrouped)
      : parts_(parts), regrouped_(std::move(regrouped)) {}

  // Goes on, if there is something to do.
  void Next();

 private:
  void HandleResult(const std::string& id, const Result<DumpInfo>& found);
  Status Add(DumpRecord dump, const DumpInfo& found);
  Status Fail(DumpRecord dump, const Error& why);

  const Parts parts_;
  const Regrouped regrouped_;
  bool inspecting_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace edgefeed
