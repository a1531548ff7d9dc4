#pragma once

#include <memory>

#include "collector/app/access_stage.h"
#include "collector/app/alert_stage.h"
#include "collector/app/config.h"
#include "collector/app/engine.h"
#include "collector/app/enrolment_stage.h"
#include "collector/app/grpc_port.h"
#include "collector/app/notify_stage.h"
#include "collector/app/remote_stage.h"
#include "collector/app/sharded_fleet.h"
#include "collector/app/tls_stage.h"
#include "collector/app/upload_stage.h"
#include "collector/history/history.h"
#include "collector/http/http_server.h"
#include "collector/http/readiness.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The collector. Everything from the main thread.
class CollectorApp {
 public:
  // Starts everything; the error says which part could not be, and why.
  static Result<std::unique_ptr<CollectorApp>> Start(const CollectorConfig& config);
  ~CollectorApp();
  CollectorApp(const CollectorApp&) = delete;
  CollectorApp& operator=(const CollectorApp&) = delete;

  // Takes over what can change while running: rules and log level. Logs which other changes wait
  // for a restart.
  void Reload(const CollectorConfig& config);

  // Tells health checks, ends the feeds, lets uploads finish for a few seconds, stops. At most 5 s.
  void Stop();

 private:
  // What everything else stands on.
  struct Ground {
    SystemClock clock;
    CollectorStats stats;
    Strand http{"http", clock};
    Strand store{"store", clock};
    Strand backup{"backup", clock};
  };

  // What is kept on disk.
  struct Stores {
    std::unique_ptr<AlertStage> alerts;
    std::unique_ptr<RemoteStage> remote;
    std::unique_ptr<History> history;
    std::unique_ptr<AccessStage> access;
  };

  CollectorApp(const CollectorConfig& config, std::unique_ptr<Ground> ground, Stores stores);

  Status StartAlerts();
  Status OpenUploads();
  void CloseHistory();
  [[nodiscard]] Redirect ComeBack() const;
  [[nodiscard]] ServiceParts Services();
  Status StartGrpc();
  Status StartOperators();
  Status StartEnrolment();
  Status StartHttp();

  // In the order in which they may use each other: each the ones above it.
  CollectorConfig config_;
  std::unique_ptr<Ground> ground_;
  Readiness readiness_;
  std::unique_ptr<AccessStage> access_;
  TlsStage tls_;
  std::unique_ptr<AlertStage> alerts_;
  std::unique_ptr<NotifyStage> notify_;
  std::unique_ptr<RemoteStage> remote_;
  std::unique_ptr<History> history_;  // Goes before the engine's strands, see Stop().
  Engine engine_;
  ShardedFleet fleet_;
  std::unique_ptr<UploadStage> uploads_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<GrpcPort> grpc_;
  std::unique_ptr<GrpcPort> operators_grpc_;   // Null: they use the other.
  std::unique_ptr<EnrolmentStage> enrolment_;  // Null: there is none.
  bool stopped_ = false;
};

}  // namespace edgefeed
