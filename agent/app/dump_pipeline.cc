#include "agent/app/dump_pipeline.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::chrono::minutes kRetryAfter{1};
// Programs of the agent's group may put their dumps there.
constexpr mode_t kDropDirectoryMode = 0770;

// Never the same again, so it is the system's randomness, not a seed's.
std::string RandomDumpId() {
  std::random_device random;
  std::string bytes;
  for (int word = 0; word < 4; ++word) {
    for (std::uint32_t value = random(), left = 4; left > 0; --left, value >>= 8U) {
      bytes.push_back(static_cast<char>(value & 0xFFU));
    }
  }
  return HexText(bytes);
}

}  // namespace

DumpPipeline::DumpPipeline(AgentConfig config, DumpPipelineContext context)
    : config_(std::move(config)),
      context_(std::move(context)),
      commands_(context_.strand),
      log_(config_.crash_dumps.log_command, commands_) {
  context_.info.labels = config_.labels;
}

void DumpPipeline::Start() {
  MakeDirectories();
  Open();
}

// Those that are elsewhere are their owners' to make.
void DumpPipeline::MakeDirectories() const {
  for (const auto& directory : config_.crash_dumps.directories) {
    if (directory.parent_path() != config_.state_dir) continue;
    ::mkdir(config_.state_dir.c_str(), 0755);
    if (::mkdir(directory.c_str(), kDropDirectoryMode) == 0) {
      ::chmod(directory.c_str(), kDropDirectoryMode);  // Whatever the umask is.
    }
  }
}

void DumpPipeline::Open() {
  const auto directory = config_.state_dir / "dumps";
  ledger_.emplace(directory / "ledger", context_.strand, context_.info.boot_id);
  auto spool = DumpSpool::Open(directory, *ledger_, config_.crash_dumps, RandomDumpId);
  if (!spool) {
    if (!std::exchange(is_told_, true)) {
      spdlog::error("dumps: {}: no dumps are taken until that works", spool.error().message);
    }
    retry_ = context_.strand.RunAfter(kRetryAfter, [this] { Open(); });
    return;
  }
  spool_ = std::move(*spool);
  spool_->OnChange([this] { Publish(); });
  watch_.emplace(context_.strand, [this](const auto& where, DirectoryWatch::Event event,
                                         const std::string& name) { OnEvent(where, event, name); });
  pickup_ = std::make_unique<Pickup>(
      Pickup::Context{.scheduler = context_.strand,
                      .ledger = *ledger_,
                      .spool = *spool_,
                      .memory = context_.memory,
                      .log = log_,
                      .device = context_.info,
                      // What cannot be watched is looked at each minute.
                      .watch = [this](const auto& where) { (void)watch_->Watch(where); },
                      .on_change = [this] { Publish(); }},
      config_.crash_dumps);
  pickup_->Start();
  StartUpload();
  Publish();
}

void DumpPipeline::StartUpload() {
  upload_ = std::make_unique<DumpUpload>(config_, context_.tls, context_.strand, *spool_);
  upload_->SetLine(context_.line);
  upload_->Start();
}

void DumpPipeline::SetLine(Line line) {
  context_.line = line;
  if (upload_) upload_->SetLine(line);
}

void DumpPipeline::OnEvent(const std::filesystem::path& directory, DirectoryWatch::Event event,
                           const std::string& name) {
  if (!pickup_) return;
  switch (event) {
    case DirectoryWatch::Event::kRenamedIn:
      return pickup_->OnEvent(directory, Pickup::Event::kRenamedIn, name);
    case DirectoryWatch::Event::kCreated:
      return pickup_->OnEvent(directory, Pickup::Event::kCreated, name);
    case DirectoryWatch::Event::kClosedAfterWriting:
      return pickup_->OnEvent(directory, Pickup::Event::kClosedAfterWriting, name);
    case DirectoryWatch::Event::kLost: return pickup_->OnLostEvents();
  }
}

void DumpPipeline::Publish() {
  if (!pickup_) return;
  context_.on_counts({.spool = spool_->counts(), .pickup = pickup_->counts()});
}

void DumpPipeline::Stop(const std::function<void()>& done) {
  retry_.Cancel();
  pickup_.reset();
  watch_.reset();
  if (!upload_) return done();
  upload_->Stop(done);
}

}  // namespace edgefeed
