#include "common/runtime/directory_watch.h"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/runtime/strand.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;
using Event = DirectoryWatch::Event;

// Watches on a strand of its own, and waits for what is told.
class Watching {
 public:
  Watching() {
    RunOn(strand_, [this] {
      watch_.emplace(strand_,
                     [this](const fs::path& directory, Event event, const std::string& name) {
                       const std::scoped_lock lock(mutex_);
                       seen_.push_back({directory, event, name});
                       changed_.notify_all();
                     });
    });
  }
  ~Watching() {
    RunOn(strand_, [this] { watch_.reset(); });
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  Status Watch(const fs::path& directory) {
    Status status;
    RunOn(strand_, [&] { status = watch_->Watch(directory); });
    return status;
  }
  bool Sees(const fs::path& directory, Event event, const std::string& name) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      for (const Seen& seen : seen_) {
        if (seen.directory == directory && seen.event == event && seen.name == name) return true;
      }
      return false;
    });
  }
  std::size_t Count(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    std::size_t count = 0;
    for (const Seen& seen : seen_) count += seen.name == name ? 1 : 0;
    return count;
  }

 private:
  struct Seen {
    fs::path directory;
    Event event;
    std::string name;
  };
  SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seen> seen_;
  Strand strand_{"watch", clock_};
  std::optional<DirectoryWatch> watch_;
};

TEST_CASE("it is told how a name came into a directory") {
  const TempDir dir;
  Watching watching;
  REQUIRE(watching.Watch(dir.path()));
  REQUIRE(watching.Watch(dir.path()));  // Once more is once.
  std::ofstream(dir.path() / "written") << "x";
  CHECK(watching.Sees(dir.path(), Event::kCreated, "written"));
  CHECK(watching.Sees(dir.path(), Event::kClosedAfterWriting, "written"));
  fs::rename(dir.path() / "written", dir.path() / "renamed");
  CHECK(watching.Sees(dir.path(), Event::kRenamedIn, "renamed"));
  fs::create_hard_link(dir.path() / "renamed", dir.path() / "linked");
  CHECK(watching.Sees(dir.path(), Event::kCreated, "linked"));
  CHECK(watching.Count("linked") == 1);
  CHECK(watching.Count("renamed") == 1);
}

TEST_CASE("a directory that was replaced is watched again") {
  const TempDir dir;
  const fs::path inner = dir.path() / "inner";
  Watching watching;
  CHECK_FALSE(watching.Watch(inner));
  fs::create_directory(inner);
  REQUIRE(watching.Watch(inner));
  fs::remove(inner);
  fs::create_directory(inner);
  REQUIRE(watching.Watch(inner));
  std::ofstream(inner / "f") << "x";
  CHECK(watching.Sees(inner, Event::kCreated, "f"));
}

}  // namespace
}  // namespace edgefeed
