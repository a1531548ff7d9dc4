// Notifications on their way to real web servers and to the real Alertmanager, from a program that
// is killed, and while receivers are down, hang, or refuse.

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/web_server.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view kSecret = "a secret of the operators";

// A receiver's server, which answers as it is told to and keeps what it has taken.
class Place {
 public:
  ~Place() { Answer(200); }  // Lets go of who hangs.

  void Answer(unsigned status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    changed_.notify_all();
  }
  // Answers nothing until told to.
  void Hang() { Answer(0); }
  // Answers `then` after it has taken so many.
  void TakeOnly(std::size_t count, unsigned then) {
    const std::lock_guard lock(mutex_);
    take_ = count;
    status_ = 200;
    then_ = then;
  }

  std::vector<ReceivedRequest> Taken() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  // Numbers of the notifications, in the order in which each came first.
  std::vector<int> Numbers() {
    std::vector<int> numbers;
    for (const ReceivedRequest& request : Taken()) {
      const std::string& key = request.headers.at("idempotency-key");
      const int number = std::stoi(key.substr(key.find('/') + 1));
      if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
    }
    return numbers;
  }
  std::size_t tries() {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  // How many bodies hold all of these texts.
  std::size_t CountBodies(const std::vector<std::string>& texts) {
    const auto taken = Taken();
    return static_cast<std::size_t>(std::ranges::count_if(taken, [&](const auto& request) {
      return std::ranges::all_of(texts, [&](const std::string& text) {
        return request.body.find(text) != std::string::npos;
      });
    }));
  }
  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  ServedReply Serve(const ReceivedRequest& request) {
    std::unique_lock lock(mutex_);
    ++tries_;
    changed_.wait(lock, [&] { return status_ != 0; });
    const unsigned status = status_;
    if (status == 200) {
      taken_.push_back(request);
      if (taken_.size() == take_) status_ = then_;
    }
    // One client may have several connections, which take turns here.
    return {.status = status, .headers = {{"Connection", "close"}}, .body = {}};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned status_ = 200;
  unsigned then_ = 200;
  std::size_t take_ = 0;
  std::size_t tries_ = 0;
  std::vector<ReceivedRequest> taken_;
  WebServer server_{[this](const ReceivedRequest& request) { return Serve(request); }};
};

// The directory of one collector.
class Site {
 public:
  Site() : secret_(dir_.Write("ops.secret", std::string(kSecret) + "\n")) {
    fs::permissions(secret_, fs::perms::owner_read | fs::perms::owner_write);
  }

  void Configure(const std::string& receivers) {
    config_ = dir_.Write("collector.yaml", "notify:\n  receivers:\n" + receivers);
  }

  // Returns when all is put.
  std::unique_ptr<Program> Start(const std::vector<std::string>& notifications = {}) const {
    std::vector<std::string> arguments = {dir_.path(), config_};
    arguments.insert(arguments.end(), notifications.begin(), notifications.end());
    auto program = std::make_unique<Program>(
        ProgramSpec{.program = BuiltProgram("edgefeed_notify_harness"), .arguments = arguments});
    REQUIRE(program->WaitForLine("ready", kPatience));
    return program;
  }

  [[nodiscard]] const fs::path& path() const { return dir_.path(); }
  [[nodiscard]] const fs::path& secret() const { return secret_; }

 private:
  TempDir dir_;
  fs::path secret_;
  fs::path config_;
};

std::string Webhook(const std::string& name, const Place& place, const std::string& more = "") {
  return "    - {name: " + name + ", webhook: {url: '" + place.url() +
         "/hook', secret_file: ops.secret}" + more + "}\n";
}

void KillHard(Program& program) {
  program.Kill();
  REQUIRE(program.Wait(kPatience) == 128 + SIGKILL);
}

void StopCleanly(Program& program) {
  program.Signal(SIGTERM);
  CHECK(program.Wait(5s) == 0);
}

std::vector<std::string> Fired(int first, int last) {
  std::vector<std::string> notifications;
  for (int i = first; i <= last; ++i) {
    notifications.push_back(std::to_string(i) + ":fired:warning:edge-" + std::to_string(i));
  }
  return notifications;
}

std::vector<int> Range(int first, int last) {
  std::vector<int> numbers;
  for (int i = first; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

TEST_CASE("what waits for a receiver that is down survives kill -9, and comes in order") {
  Place down;
  Place up;
  Site site;
  site.Configure(Webhook("down", down) + Webhook("up", up));
  down.Answer(503);
  auto program = site.Start(Fired(1, 40));
  CHECK(Await([&] { return up.Numbers() == Range(1, 40); }));
  CHECK(Await([&] { return down.tries() > 0; }));
  KillHard(*program);

  // Back for a moment, and gone in the middle.
  down.TakeOnly(10, 503);
  program = site.Start(Fired(41, 45));
  CHECK(Await([&] { return down.Taken().size() == 10; }));
  KillHard(*program);

  down.Answer(200);
  program = site.Start();
  CHECK(Await([&] { return down.Numbers().size() == 45; }));
  CHECK(Await([&] { return up.Numbers().size() == 45; }));
  CHECK(down.Numbers() == Range(1, 45));
  CHECK(up.Numbers() == Range(1, 45));
  // What a crash sends again is what was on its way.
  CHECK(down.Taken().size() <= 45 + 2 * 16);
  StopCleanly(*program);
}

TEST_CASE("a receiver that hangs holds up nobody, neither others nor the end of the program") {
  Place hangs;
  Place up;
  Site site;
  site.Configure(Webhook("hangs", hangs) + Webhook("up", up));
  hangs.Hang();
  const auto program = site.Start(Fired(1, 3));
  CHECK(Await([&] { return up.Numbers() == Range(1, 3); }));
  CHECK(Await([&] { return hangs.tries() == 1; }));
  StopCleanly(*program);
}

TEST_CASE("a receiver that refuses one gets the others") {
  Place place;
  Site site;
  site.Configure(Webhook("ops", place));
  place.Answer(400);
  auto program = site.Start(Fired(1, 1));
  CHECK(Await([&] { return program->CountLines("receiver ops: refuses notification 1") == 1; }));
  StopCleanly(*program);
  place.Answer(200);
  program = site.Start(Fired(2, 3));
  CHECK(Await([&] { return place.Numbers() == Range(2, 3); }));
  // The secret is nobody's business.
  CHECK(program->CountLines(kSecret) == 0);
}

TEST_CASE("receivers are told by severity and label, and the ends of what they were told") {
  Place severe;
  Place lab;
  Place elsewhere;
  Site site;
  site.Configure(Webhook("severe", severe, ", match: {severities: [critical]}") +
                 Webhook("lab", lab, ", match: {labels: {site: lab}, devices: ['edge-*']}") +
                 Webhook("elsewhere", elsewhere, ", match: {labels: {site: roof}}"));
  const auto program =
      site.Start({"1:fired:warning:edge-1", "2:fired:critical:hub", "3:resolved:warning:edge-1",
                  "4:deescalated:warning:hub", "5:resolved:warning:hub"});
  CHECK(Await([&] { return severe.Numbers() == std::vector<int>{2, 4, 5}; }));
  CHECK(Await([&] { return lab.Numbers() == std::vector<int>{1, 3}; }));
  CHECK(elsewhere.tries() == 0);
}

TEST_CASE("a secret that everybody may read keeps the program from starting, and is not shown") {
  Place place;
  Site site;
  site.Configure(Webhook("ops", place));
  fs::permissions(site.secret(), fs::perms::others_read, fs::perm_options::add);
  Program program({.program = BuiltProgram("edgefeed_notify_harness"),
                   .arguments = {site.path(), site.path() / "collector.yaml"}});
  CHECK(program.Wait(kPatience) == 1);
  CHECK(program.CountLines("notify: receiver ops: ") == 1);
  CHECK(program.CountLines(kSecret) == 0);
}

// The code between ```language and ``` of docs/NOTIFICATIONS.md.
std::string Snippet(const std::string& language) {
  const auto text = ReadSmallFile(EDGEFEED_NOTIFICATIONS_MD);
  REQUIRE(text);
  const std::string begin = "```" + language + "\n";
  const auto from = text->find(begin);
  REQUIRE(from != std::string::npos);
  const auto start = from + begin.size();
  return text->substr(start, text->find("```", start) - start);
}

TEST_CASE("the programs in docs/NOTIFICATIONS.md tell what is signed from what is not") {
  Place place;
  Site site;
  site.Configure(Webhook("ops", place));
  const auto program = site.Start(Fired(1, 1));
  REQUIRE(Await([&] { return place.Taken().size() == 1; }));
  const ReceivedRequest request = place.Taken()[0];
  CHECK(request.method == "POST");
  CHECK(request.target == "/hook");
  CHECK(request.headers.at("content-type") == "application/json");
  CHECK(request.headers.at("user-agent").starts_with("edgefeed-collector/"));
  const std::string signature = request.headers.at("x-edgefeed-signature");

  const TempDir dir;
  const fs::path body = dir.Write("body", request.body);
  const fs::path forged = dir.Write("forged", request.body + " ");
  struct Language {
    const char* name;
    const char* interpreter;
  };
  for (const auto& [name, interpreter] :
       {Language{"python", "/usr/bin/python3"}, Language{"sh", "/bin/bash"}}) {
    CAPTURE(name);
    const fs::path script = dir.Write(name, Snippet(name));
    const auto verify = [&](const fs::path& of, const std::string& signed_as) {
      Program run({.program = interpreter,
                   .arguments = {script, site.secret(), signed_as},
                   .stdin_file = of});
      return run.Wait(kPatience);
    };
    CHECK(verify(body, signature) == 0);
    CHECK(verify(forged, signature) == 1);
    CHECK(verify(body, "t=1" + signature.substr(signature.find(','))) == 1);
  }
}

// The real one, which tells a web server of ours what it makes of it.
class Alertmanager {
 public:
  explicit Alertmanager(std::uint16_t port) : port_(port) {
    config_ = dir_.Write("alertmanager.yml",
                         "route: {receiver: hook, group_by: ['...'], group_wait: 0s, "
                         "group_interval: 1s}\nreceivers:\n- name: hook\n  webhook_configs: "
                         "[{url: '" +
                             told_.url() + "/', send_resolved: true}]\n");
  }

  void Start() {
    program_ = std::make_unique<Program>(
        ProgramSpec{.program = "/usr/bin/prometheus-alertmanager",
                    .arguments = {"--config.file=" + config_.string(),
                                  "--storage.path=" + (dir_.path() / "data").string(),
                                  "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                                  "--cluster.listen-address="}});
    REQUIRE(program_->WaitForLine("Listening on", kPatience));
  }
  // With all that it knew.
  void Lose() {
    KillHard(*program_);
    fs::remove_all(dir_.path() / "data");
  }

  Place& told() { return told_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  std::uint16_t port_;
  Place told_;
  TempDir dir_;
  fs::path config_;
  std::unique_ptr<Program> program_;
};

TEST_CASE("the real Alertmanagers hear of alerts, of what they become, and of their ends") {
  Alertmanager first(FreePort());
  Alertmanager second(FreePort());
  Place ops;
  Site site;
  site.Configure("    - {name: am, alertmanager: {urls: ['" + first.url() + "', '" + second.url() +
                 "']}}\n" + Webhook("ops", ops));
  second.Start();  // The first one is down.
  auto program = site.Start({"1:fired:warning:edge-1", "2:fired:warning:edge-2"});
  const std::vector<std::string> fires = {R"("status":"firing")",
                                          R"("device":"edge-1")",
                                          R"("severity":"warning")",
                                          R"("alertname":"CPU_HIGH")",
                                          R"("device_site":"lab")",
                                          R"("metric":"cpu_usage")",
                                          R"("description":"edge-1: cpu_usage is \"97.5\", above)"};
  CHECK(Await([&] { return second.told().CountBodies(fires) > 0; }));
  CHECK(Await([&] { return ops.Numbers() == Range(1, 2); }));
  CHECK(first.told().tries() == 0);

  first.Start();
  CHECK(Await([&] { return first.told().CountBodies(fires) > 0; }, 90s));

  // It forgets everything, and the program is killed: a start reminds it of what still fires.
  KillHard(*program);
  first.Lose();
  const auto before = first.told().CountBodies(fires);
  first.Start();
  program = site.Start();
  CHECK(Await([&] { return first.told().CountBodies(fires) > before; }));
  StopCleanly(*program);

  program = site.Start({"3:escalated:critical:edge-1", "4:resolved:warning:edge-2"});
  for (Alertmanager* alertmanager : {&first, &second}) {
    const auto told = [&](const std::string& status, const std::string& device,
                          const std::string& severity) {
      return Await([&] {
        return alertmanager->told().CountBodies({"\"status\":\"" + status + "\"",
                                                 "\"device\":\"" + device + "\"",
                                                 "\"severity\":\"" + severity + "\""}) > 0;
      });
    };
    CHECK(told("firing", "edge-1", "critical"));
    CHECK(told("resolved", "edge-1", "warning"));
    CHECK(told("resolved", "edge-2", "warning"));
  }
  StopCleanly(*program);

  program = site.Start({"5:resolved:critical:edge-1"});
  for (Alertmanager* alertmanager : {&first, &second}) {
    CHECK(Await([&] {
      return alertmanager->told().CountBodies({R"("status":"resolved")", R"("device":"edge-1")",
                                               R"("severity":"critical")"}) > 0;
    }));
  }
  StopCleanly(*program);
}

}  // namespace
}  // namespace edgefeed::e2e
