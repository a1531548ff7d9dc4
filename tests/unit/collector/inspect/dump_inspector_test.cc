#include "collector/inspect/dump_inspector.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/wire/dump_info.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

class InspectorRig {
 public:
  explicit InspectorRig(std::size_t queue = 8)
      : inspector({.program = "/opt/inspect", .symbols = {"/srv/a", "/srv/b"}, .queue = queue},
                  runner, scheduler) {}

  void Inspect(const std::string& dump) {
    inspector.Inspect(dump, [this](const Result<DumpInfo>& result) { results.push_back(result); });
  }
  // The child says `output` and ends.
  void Answer(std::string_view output, int status) {
    runner.commands().back().on_output(output);
    runner.Finish(status);
  }

  ManualScheduler scheduler;
  FakeCommandRunner runner;
  DumpInspector inspector;
  std::vector<Result<DumpInfo>> results;
};

std::string AnswerWithPid(std::uint32_t pid) {
  DumpInfo info;
  info.pid = pid;
  return EncodeDumpInfo(info);
}

TEST_CASE("the inspector reads the dump from stdin, without our environment") {
  InspectorRig rig;
  rig.Inspect("/dumps/one");
  REQUIRE(rig.runner.commands().size() == 1);
  const Command& command = rig.runner.commands()[0];
  CHECK(command.argv ==
        std::vector<std::string>{"/opt/inspect", "--symbols", "/srv/a", "--symbols", "/srv/b"});
  CHECK(command.stdin_file == "/dumps/one");
  CHECK(command.environment.empty());
  CHECK_FALSE(command.inherits_environment);
}

TEST_CASE("dumps are looked at one at a time, in their order") {
  InspectorRig rig;
  rig.Inspect("/dumps/one");
  rig.Inspect("/dumps/two");
  CHECK(rig.runner.commands().size() == 1);

  rig.Answer(AnswerWithPid(1), 0);
  REQUIRE(rig.runner.commands().size() == 2);
  CHECK(rig.runner.commands()[1].stdin_file == "/dumps/two");
  rig.Answer(AnswerWithPid(2), 0);

  REQUIRE(rig.results.size() == 2);
  REQUIRE(rig.results[0]);
  CHECK(rig.results[0]->pid == 1);
  REQUIRE(rig.results[1]);
  CHECK(rig.results[1]->pid == 2);
}

TEST_CASE("a failed inspector's first line is the error, without what a terminal would obey") {
  InspectorRig rig;
  rig.Inspect("/dumps/one");
  rig.Answer("edgefeed-inspect: no\x1b[2J core\nmore\n", 1);
  REQUIRE_FALSE(rig.results.at(0));
  CHECK(rig.results[0].error() == Error{Code::kDataLoss, "one: edgefeed-inspect: no?[2J core"});

  rig.Inspect("/dumps/two");
  rig.Answer("", 139);
  CHECK(rig.results.at(1).error() == Error{Code::kDataLoss, "two: inspector exited with 139"});
}

TEST_CASE("an answer that is none, and a child that had to be killed, are errors") {
  InspectorRig rig;
  rig.Inspect("/dumps/one");
  rig.Answer("\xff\xff\xff\xff", 0);
  CHECK(rig.results.at(0).error().code == Code::kDataLoss);

  rig.Inspect("/dumps/two");
  rig.runner.Finish(Error{Code::kDeadlineExceeded, "killed after 20s"});
  CHECK(rig.results.at(1).error().code == Code::kDeadlineExceeded);
}

TEST_CASE("more dumps than may wait are refused, later and not at once") {
  InspectorRig rig(2);
  rig.Inspect("/dumps/one");
  rig.Inspect("/dumps/two");
  rig.Inspect("/dumps/three");
  CHECK(rig.results.empty());
  rig.scheduler.RunUntilIdle();
  REQUIRE(rig.results.size() == 1);
  CHECK(rig.results[0].error().code == Code::kResourceExhausted);
  rig.Answer(AnswerWithPid(1), 0);
  rig.Inspect("/dumps/four");
  rig.Answer(AnswerWithPid(2), 0);
  rig.Answer(AnswerWithPid(4), 0);
  CHECK(rig.results.size() == 4);
}

}  // namespace
}  // namespace edgefeed
