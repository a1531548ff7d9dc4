#pragma once

#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <filesystem>

#include "collector/history/history.h"
#include "collector/rpc/call_gate.h"
#include "collector/stats.h"
#include "common/runtime/strand.h"
#include "fleet.pb.h"

namespace edgefeed {

// What a backup needs. All references must outlive the calls.
struct BackupAccess {
  Strand& worker;  // Waits for the disk.
  History& history;
  CollectorStats& stats;
  std::filesystem::path scratch;  // A directory of its own, see HistoryBackup.
  // A client that takes nothing for so long is ended.
  std::chrono::milliseconds longest_write{60'000};
};

// A new Backup call. It deletes itself on the worker when gRPC is done with it.
grpc::ServerWriteReactor<BackupResponse>* NewBackup(grpc::CallbackServerContext& context,
                                                    const BackupAccess& access, Admitted admitted);

}  // namespace edgefeed
