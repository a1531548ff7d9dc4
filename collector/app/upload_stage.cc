#include "collector/app/upload_stage.h"

#include <spdlog/spdlog.h>

#include <string>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kFormat = 1;

UploadLimits LimitsOf(const UploadsConfig& config) {
  return {.max_file_size = config.max_file_size,
          .quota = config.quota,
          .device_quota = config.device_quota,
          .min_free = config.min_free};
}

DumpLimits LimitsOf(const DumpsConfig& config) {
  DumpLimits limits;
  limits.keep = std::chrono::duration_cast<std::chrono::hours>(config.keep);
  limits.per_group = config.per_group;
  return limits;
}

Result<Database> OpenFormat(const fs::path& path) {
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database) return database.error();
  const auto format = database->QueryInteger("PRAGMA user_version");
  if (!format) return format.error();
  if (*format != 0 && *format != kFormat) {
    return Error{Code::kFailedPrecondition, path.string() + ": format " + std::to_string(*format) +
                                                " is not known to this version"};
  }
  const Status marked = database->Run("PRAGMA user_version = " + std::to_string(kFormat));
  if (!marked) return marked.error();
  return database;
}

// Of the form "dumps.damaged-1".
fs::path FreeName(const fs::path& directory) {
  for (int i = 1;; ++i) {
    fs::path name = directory.string() + ".damaged-" + std::to_string(i);
    std::error_code error;
    if (!fs::exists(name, error)) return name;
  }
}

}  // namespace

Result<std::unique_ptr<UploadStage>> UploadStage::Open(const CollectorConfig& config,
                                                       const Clock& clock, CollectorStats& stats) {
  std::unique_ptr<UploadStage> stage(new UploadStage(clock, stats));
  Status opened;
  RunOn(stage->store_, [&] { opened = stage->OpenStores(config); });
  if (!opened) return opened.error();
  return stage;
}

UploadAccess UploadStage::uploads() {
  return {.calls = calls_,
          .store = store_,
          .plain = *plain_,
          .begun = *begun_,
          .stats = stats_,
          .rates = rates_,
          .device_rate = device_rate_};
}

DumpAccess UploadStage::dumps() {
  return {.store = store_, .reader = reader_, .dumps = *dumps_, .stats = stats_};
}

UploadStage::~UploadStage() {
  // Their timers and tasks are on the strand.
  RunOn(store_, [this] {
    begun_.reset();
    dumps_.reset();
    plain_.reset();
    inspector_.reset();
    children_.reset();
    database_.reset();
  });
}

Status UploadStage::OpenStores(const CollectorConfig& config) {
  device_rate_ = config.uploads.device_rate;
  const fs::path dumps = config.data_dir / "dumps";
  if (const Status opened = OpenDatabase(dumps); !opened) return opened;
  auto plain = UploadStore::Open(config.data_dir / "uploads", LimitsOf(config.uploads));
  if (!plain) return plain.error();
  plain_ = std::move(*plain);
  OpenInspector(config.dumps);
  auto store = DumpStore::Open(
      dumps,
      {.strand = store_, .database = *database_, .reader = inspector_.get(), .stats = stats_},
      LimitsOf(config.dumps));
  if (!store) return store.error();
  dumps_ = std::move(*store);
  auto begun = BegunUploads::Open(config.data_dir / "uploads" / ".begun", {.strand = store_,
                                                                           .sync = sync_,
                                                                           .hash = hash_,
                                                                           .database = *database_,
                                                                           .plain = *plain_,
                                                                           .dumps = *dumps_,
                                                                           .stats = stats_});
  if (!begun) return begun.error();
  begun_ = std::move(*begun);
  dumps_->RemoveStrays();
  return {};
}

// Without the program, dumps wait until it is there.
void UploadStage::OpenInspector(const DumpsConfig& config) {
  const fs::path program = InspectProgram();
  std::error_code error;
  if (!fs::exists(program, error)) {
    return spdlog::warn("{} is not there: nobody looks into crash dumps", program.string());
  }
  children_ = std::make_unique<ChildProcessRunner>(store_);
  inspector_ = std::make_unique<DumpInspector>(
      DumpInspectorConfig{.program = program, .symbols = config.symbols}, *children_, store_);
}

// Telemetry must not suffer from a damaged database of dumps: it is set aside with its dumps.
Status UploadStage::OpenDatabase(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  // Descriptions have logs in them, and cores whatever the process had in its memory.
  if (!error) fs::permissions(directory, fs::perms::owner_all, error);
  if (error) return ErrnoError(directory.string(), error.value());
  auto database = OpenFormat(directory / "dumps.db");
  if (!database && database.error().code == Code::kDataLoss) {
    const fs::path aside = FreeName(directory);
    spdlog::error("{}; set aside as {}", database.error().message, aside.string());
    fs::rename(directory, aside, error);
    if (!error) fs::create_directories(directory, error);
    if (error) return ErrnoError(directory.string(), error.value());
    database = OpenFormat(directory / "dumps.db");
  }
  if (!database) return database.error();
  database_ = std::move(*database);
  return {};
}

void UploadStage::Drain() {
  // An upload's calls hop from strand to strand and back.
  for (Strand* strand : {&calls_, &store_, &sync_, &hash_, &reader_, &store_, &calls_, &store_}) {
    strand->Drain();
  }
}

}  // namespace edgefeed
