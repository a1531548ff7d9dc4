#include <algorithm>
#include <map>
#include <string>

#include "tests/rpc/collector/history_server.h"

namespace edgefeed {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

// A multiple of a minute; long past, so that no sample counts as from the future.
const WallTime kStart = FromUnixMillis(1'700'000'040'000);

// One a second: cpu_usage 0, 1, 2, …
std::vector<Sample> Seconds(int count) {
  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    samples.push_back({.time = kStart + i * 1s,
                       .cpu_usage_percent = static_cast<double>(i),
                       .memory_used_mib = 100,
                       .readings = {}});
  }
  return samples;
}

HistoryRequest Request(const std::string& metric, std::chrono::seconds length,
                       std::chrono::milliseconds step = 0ms) {
  HistoryRequest request;
  request.set_service_name("cam");
  request.set_metric(metric);
  request.set_from_ms(UnixMillis(kStart));
  request.set_to_ms(UnixMillis(kStart + length));
  request.set_step_ms(static_cast<std::uint64_t>(step.count()));
  return request;
}

// The points of each series; checks what each message promises.
std::map<std::string, std::vector<HistoryPoint>> Points(
    const std::vector<HistoryResponse>& messages) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<HistoryPoint>> points;
  for (const HistoryResponse& message : messages) {
    const bool is_new = message.series_number() == names.size();
    CHECK(message.has_series() == is_new);
    if (is_new) names.push_back(message.series().ShortDebugString());
    REQUIRE(message.series_number() < names.size());
    CHECK(message.points_size() > 0);
    auto& all = points[names[message.series_number()]];
    all.insert(all.end(), message.points().begin(), message.points().end());
  }
  for (const auto& [name, all] : points) {
    CHECK(std::ranges::is_sorted(all, std::ranges::less(), &HistoryPoint::time_ms));
  }
  return points;
}

std::vector<HistoryPoint> OnlySeries(const Streamed<HistoryResponse>& answer) {
  REQUIRE_MESSAGE(answer.status.ok(), answer.status.error_message());
  const auto points = Points(answer.messages);
  REQUIRE(points.size() == 1);
  return points.begin()->second;
}

void CheckSeconds(const std::vector<HistoryPoint>& points, std::size_t count) {
  REQUIRE(points.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(points[i].time_ms() == UnixMillis(kStart) + 1000 * i);
    CHECK(points[i].value() == static_cast<double>(i));
  }
}

std::size_t LongestMessage(const std::vector<HistoryResponse>& messages) {
  int longest = 0;
  for (const HistoryResponse& message : messages)
    longest = std::max(longest, message.points_size());
  return static_cast<std::size_t>(longest);
}

TEST_CASE("a step of 0 brings every sample, in bounded messages, whatever the pages") {
  for (const std::size_t page : {3, 7, 50, 1000}) {
    CAPTURE(page);
    HistoryServer server({.points_per_page = page, .points_per_message = 4});
    server.Store(Seconds(50));

    const auto answer = server.Get(Request("cpu_usage", 50s));

    CHECK(LongestMessage(answer.messages) == std::min<std::size_t>(page, 4));
    CheckSeconds(OnlySeries(answer), 50);
  }
}

TEST_CASE("a step brings buckets, and a gap stays one") {
  HistoryServer server({.points_per_page = 2});
  std::vector<Sample> samples = Seconds(50);
  samples.erase(samples.begin() + 10, samples.begin() + 30);
  server.Store(samples);

  const auto points = OnlySeries(server.Get(Request("cpu_usage", 50s, 10s)));

  REQUIRE(points.size() == 3);
  CHECK(points[0].time_ms() == UnixMillis(kStart));
  CHECK(points[1].time_ms() == UnixMillis(kStart + 30s));
  const Bucket& bucket = points[1].bucket();
  CHECK(bucket.min() == 30);
  CHECK(bucket.max() == 39);
  CHECK(bucket.sum() == 345);
  CHECK(bucket.count() == 10);
  CHECK(bucket.last() == 39);
}

// Samples of two disks.
std::vector<Sample> Disks(HistoryServer& server) {
  const SeriesId sda = server.Intern({"disk", {{"device", "sda"}}});
  const SeriesId sdb = server.Intern({"disk", {{"device", "sdb"}}});
  std::vector<Sample> samples = Seconds(9);
  for (Sample& sample : samples) sample.readings = {{sda, 1}, {sdb, 2}};
  return samples;
}

TEST_CASE("each series has a number, and labels choose among them") {
  HistoryServer server({.points_per_page = 4});
  server.Store(Disks(server));
  HistoryRequest request = Request("disk", 9s);

  const auto both = server.Get(request);
  CHECK(both.status.ok());
  const auto points = Points(both.messages);
  CHECK(points.size() == 2);
  for (const auto& [name, all] : points) CHECK(all.size() == 9);

  auto* label = request.add_labels();
  label->set_name("device");
  label->set_value("sdb");
  const auto one = OnlySeries(server.Get(request));
  REQUIRE(one.size() == 9);
  CHECK(one[0].value() == 2);
}

TEST_CASE("what cannot be answered is refused with what could be") {
  HistoryServer server;
  server.Store(Disks(server));
  const auto refused = [&](const HistoryRequest& request, StatusCode code, const char* message) {
    const auto answer = server.Get(request);
    CHECK(answer.messages.empty());
    CHECK(answer.status.error_code() == code);
    CHECK(answer.status.error_message() == message);
  };
  HistoryRequest request = Request("cpu_usage", 9s);
  request.set_service_name("");
  refused(request, StatusCode::INVALID_ARGUMENT, "service_name is empty");
  request.set_service_name("dog");
  refused(request, StatusCode::NOT_FOUND, "device 'dog' is not known");
  refused(Request("", 9s), StatusCode::INVALID_ARGUMENT, "metric is empty; cpu_usage is one");
  refused(Request("cpu", 9s), StatusCode::NOT_FOUND,
          "no metric 'cpu' of 'cam' in this range; there are cpu_usage, disk, memory_mb");
  request = Request("disk", 9s);
  request.add_labels()->set_name("bus");
  refused(request, StatusCode::NOT_FOUND,
          "no series 'disk' of 'cam' in this range has these labels; there are "
          "disk{device=\"sda\"}, disk{device=\"sdb\"}");
  refused(Request("cpu_usage", -9s), StatusCode::INVALID_ARGUMENT,
          "from_ms 1700000040000 is after to_ms 1700000031000");
  refused(Request("cpu_usage", 100h, 1s), StatusCode::INVALID_ARGUMENT,
          "step_ms: steps of 1s are up to 360001 points of a series in this range, more than "
          "300000; 2s (step_ms 2000) would fit");
  request = Request("cpu_usage", 9s);
  request.set_limit(300'001);
  refused(request, StatusCode::INVALID_ARGUMENT, "limit: at most 300000 points");
  request.set_limit(0);
  request.set_to_ms(UINT64_MAX);
  refused(request, StatusCode::INVALID_ARGUMENT,
          "from_ms and to_ms: Unix time in milliseconds, up to 253402300800000");
}

TEST_CASE("a range without samples is answered with nothing") {
  HistoryServer server;
  server.Store(Seconds(9));
  HistoryRequest request = Request("cpu_usage", 3600s);
  request.set_from_ms(UnixMillis(kStart + 9s));
  const auto answer = server.Get(request);
  CHECK(answer.status.ok());
  CHECK(answer.messages.empty());
  request.set_to_ms(request.from_ms());
  CHECK(server.Get(request).status.ok());
}

TEST_CASE("more points than the limit end with a step that fits") {
  HistoryServer server({.points_per_page = 16});
  server.Store(Disks(server));
  HistoryRequest request = Request("disk", 9s);
  request.set_limit(8);

  const auto answer = server.Get(request);

  CHECK(answer.status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(answer.status.error_message() ==
        "more than 8 points of 'disk' of 'cam' in this range; a step of 5s (step_ms 5000) would "
        "fit");
  request.set_step_ms(5000);
  CHECK(server.Get(request).status.ok());
}

TEST_CASE("a call that takes too long ends, and gives its place back") {
  HistoryServer server({.longest_call = 0ms});
  server.Store(Seconds(9));

  const auto answer = server.Get(Request("cpu_usage", 9s));

  CHECK(answer.status.error_code() == StatusCode::DEADLINE_EXCEEDED);
  CHECK(answer.status.error_message().starts_with("the history of 'cam' in this range takes"));
  server.AwaitNoCalls();
}

TEST_CASE("a client that reads nothing is ended when its time is up") {
  HistoryServer server({.points_per_message = 1, .longest_call = 200ms});
  server.Store(Seconds(50));
  grpc::ClientContext context;
  const auto reader = server.stub().GetHistory(&context, Request("cpu_usage", 50s));

  reader->WaitForInitialMetadata();
  server.AwaitNoCalls();

  HistoryResponse message;
  while (reader->Read(&message)) {
  }
  CHECK(reader->Finish().error_code() == StatusCode::CANCELLED);
}

TEST_CASE("a client that leaves in the middle gives its place back") {
  HistoryServer server({.points_per_page = 2, .points_per_message = 1});
  server.Store(Seconds(50));
  grpc::ClientContext context;
  const auto reader = server.stub().GetHistory(&context, Request("cpu_usage", 50s));
  HistoryResponse message;
  REQUIRE(reader->Read(&message));

  context.TryCancel();

  CHECK(reader->Finish().error_code() == StatusCode::CANCELLED);
  server.AwaitNoCalls();
}

TEST_CASE("calls beyond the places are refused and counted") {
  HistoryServer server({.calls = 0});
  CHECK(server.Get(Request("cpu_usage", 9s)).status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  ListSeriesRequest request;
  request.set_service_name("cam");
  CHECK(server.List(request).status.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(server.stats().history_calls_refused == 2);
  CHECK(server.stats().history_calls_open == 0);
}

TEST_CASE("who does not take the list of series does not keep its place") {
  HistoryServer server({.points_per_message = 1, .longest_call = 100ms});
  std::vector<Sample> samples = Seconds(1);
  for (int i = 0; i < 900; ++i) {
    const Series series{"s" + std::to_string(i), {{"filler", std::string(250, 'x')}}};
    samples.front().readings.push_back({server.Intern(series), 1});
  }
  server.Store(std::move(samples));
  ListSeriesRequest request;
  request.set_service_name("cam");
  request.set_to_ms(UnixMillis(kStart + 9s));
  grpc::ClientContext context;
  const auto reader = server.stub().ListSeries(&context, request);
  reader->WaitForInitialMetadata();  // It has been let in.

  server.AwaitNoCalls();

  ListSeriesResponse message;
  while (reader->Read(&message)) {
  }
  CHECK(reader->Finish().error_code() == StatusCode::CANCELLED);
}

TEST_CASE("devices take half of the places at most") {
  CollectorStats stats;
  SystemClock clock;
  Strand store("store", clock);
  const TempDir home;
  auto history = History::Open({.directory = home.path() / "history"}, store, stats);
  REQUIRE(history);
  const HistoryAccess access{
      .store = store, .history = **history, .stats = stats, .limits = {.calls = 4}};
  const Caller device{.proof = Proof::kCertificate, .role = Role::kDevice};
  const Caller person{.proof = Proof::kCertificate, .role = Role::kViewer};
  CHECK(EnterHistory(access, device).ok());
  CHECK(EnterHistory(access, device).ok());
  CHECK_FALSE(EnterHistory(access, device).ok());
  CHECK(EnterHistory(access, person).ok());
  CHECK(EnterHistory(access, Caller{.proof = Proof::kNotAsked}).ok());
  CHECK_FALSE(EnterHistory(access, person).ok());
  CHECK(stats.history_calls_refused == 2);
  RunOn(store, [&] { history->reset(); });
}

TEST_CASE("the series of a device are listed in bounded messages") {
  HistoryServer server({.points_per_message = 3});
  server.Store(Disks(server));
  ListSeriesRequest request;
  request.set_service_name("cam");
  request.set_from_ms(UnixMillis(kStart));
  request.set_to_ms(UnixMillis(kStart + 9s));

  const auto listed = server.List(request);

  CHECK(listed.status.ok());
  REQUIRE(listed.messages.size() == 2);
  CHECK(listed.messages[0].series(0).metric() == "cpu_usage");
  CHECK(listed.messages[0].series(2).labels(0).value() == "sdb");
  CHECK(listed.messages[1].series(0).metric() == "memory_mb");
  request.set_service_name("dog");
  CHECK(server.List(request).status.error_code() == StatusCode::NOT_FOUND);
  server.AwaitNoCalls();
}

}  // namespace
}  // namespace edgefeed
