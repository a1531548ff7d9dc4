#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "collector/history/history.h"
#include "collector/remote/remote_sender.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/http/http_client.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The remote stores, each with a strand of its own that waits for it. From the main thread.
class RemoteStage {
 public:
  // Before the history has writers. `directory` is for their cursors; the others must outlive it,
  // the history until Stop().
  static Result<std::unique_ptr<RemoteStage>> Start(const std::vector<RemoteWriteConfig>& configs,
                                                    const std::filesystem::path& directory,
                                                    const Clock& clock, History& history,
                                                    CollectorStats& stats);
  // When the history is gone.
  ~RemoteStage();
  RemoteStage(const RemoteStage&) = delete;
  RemoteStage& operator=(const RemoteStage&) = delete;

  // Ends what is being sent, at once.
  void Stop();

 private:
  struct Remote {
    Remote(const std::string& name, const Clock& clock) : strand(name, clock) {}
    Strand strand;
    HttpClient client;
    std::unique_ptr<RemoteSender> sender;
  };

  RemoteStage() = default;

  std::vector<std::unique_ptr<Remote>> remotes_;
};

}  // namespace edgefeed
