#include "collector/app/alert_stage.h"

namespace edgefeed {

Result<std::unique_ptr<AlertStage>> AlertStage::Open(const CollectorConfig& config,
                                                     const Clock& clock, CollectorStats& stats) {
  std::unique_ptr<AlertStage> stage(new AlertStage(clock, stats));
  Status opened;
  RunOn(stage->strand_, [&] {
    auto store = AlertStore::Open(config.data_dir / "alerts.db");
    if (!store) {
      opened = store.error();
      return;
    }
    stage->store_ = std::move(*store);
    stage->last_alive_ = stage->store_->found().alive;
    stage->states_ = std::exchange(stage->store_->found().states, {});
    stage->desk_ =
        std::make_unique<AlertDesk>(stage->strand_, *stage->store_, config.alerts.flap, stats);
  });
  if (!opened) return opened.error();
  return stage;
}

AlertStage::~AlertStage() {
  // Their timers are on the strand.
  RunOn(strand_, [this] {
    if (desk_ != nullptr) desk_->Stop();
    desk_.reset();
    store_.reset();
  });
}

void AlertStage::Start(AlertContacts contacts) {
  RunOn(strand_, [&] { desk_->Start(contacts); });
}

void AlertStage::EndWatchers(const Error& why) {
  RunOn(strand_, [&] { desk_->EndWatchers(why); });
}

void AlertStage::Stop() {
  RunOn(strand_, [&] { desk_->Stop(); });
}

}  // namespace edgefeed
