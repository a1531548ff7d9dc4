#pragma once

#include <chrono>
#include <cstdint>

#include "collector/dumps/dump_store.h"
#include "collector/rpc/call_gate.h"
#include "collector/stats.h"
#include "common/runtime/strand.h"
#include "dumps.grpc.pb.h"

namespace edgefeed {

// What calls about dumps need. All references must outlive them.
struct DumpAccess {
  Strand& store;   // The dumps'.
  Strand& reader;  // Reads their bytes, for clients.
  DumpStore& dumps;
  CollectorStats& stats;
  std::uint64_t calls = 16;  // Lists, and downloads, at a time.
  // A client that takes nothing for so long is ended.
  std::chrono::milliseconds longest_write{60'000};
};

// What operators ask about dumps. `gate` must outlive it.
class DumpServiceImpl final : public dumps::DumpService::CallbackService {
 public:
  DumpServiceImpl(const DumpAccess& access, const CallGate& gate) : access_(access), gate_(gate) {}

  grpc::ServerWriteReactor<dumps::DumpGroup>* ListDumpGroups(
      grpc::CallbackServerContext* context, const dumps::ListDumpGroupsRequest* request) override;
  grpc::ServerWriteReactor<dumps::Dump>* ListDumps(grpc::CallbackServerContext* context,
                                                   const dumps::ListDumpsRequest* request) override;
  grpc::ServerUnaryReactor* GetDump(grpc::CallbackServerContext* context,
                                    const dumps::GetDumpRequest* request,
                                    dumps::Dump* response) override;
  grpc::ServerWriteReactor<dumps::DownloadDumpResponse>* DownloadDump(
      grpc::CallbackServerContext* context, const dumps::DownloadDumpRequest* request) override;
  grpc::ServerUnaryReactor* RemoveDumps(grpc::CallbackServerContext* context,
                                        const dumps::RemoveDumpsRequest* request,
                                        dumps::RemoveDumpsResponse* response) override;

 private:
  const DumpAccess access_;
  const CallGate& gate_;
};

}  // namespace edgefeed
