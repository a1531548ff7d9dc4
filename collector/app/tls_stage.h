#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/shared_tls.h"
#include "common/model/tls.h"
#include "common/pki/tls_watch.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The certificates and keys of the collector's ports, as their files have them. From the main
// thread; the files are read on a strand of its own, since they may be on a disk that is slow.
class TlsStage {
 public:
  // Both must outlive it.
  TlsStage(const Clock& clock, CollectorStats& stats);
  ~TlsStage();
  TlsStage(const TlsStage&) = delete;
  TlsStage& operator=(const TlsStage&) = delete;

  // Reads the files, and what becomes of them from now on. Null without files. An error names
  // `section` and the file.
  Result<std::shared_ptr<const SharedTls>> Watch(const std::string& listener,
                                                 const std::string& section,
                                                 const std::optional<TlsFiles>& files);
  // Somebody says that new files are ready.
  void LookNow();
  // What is in use stays. Idempotent.
  void Stop();

 private:
  CollectorStats& stats_;
  Strand strand_;
  std::vector<std::unique_ptr<TlsWatch>> watches_;
};

}  // namespace edgefeed
