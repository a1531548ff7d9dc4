// Every short story of one alert, against what is obvious.

#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/collector/alerts/book_fixture.h"

namespace edgefeed {
namespace {

enum class Step { kFire, kResolve, kSilence, kUnsilence, kAcknowledge, kRestart };
constexpr int kSteps = 6;
constexpr int kLongest = 7;

// What the stories must come to, said in another way: operators hear, at moments without a silence,
// how the alert is, unless they know.
struct Model {
  bool fires = false;
  bool silenced = false;
  bool known = false;
  std::vector<bool> told;  // That it fires, or not.

  [[nodiscard]] bool Can(Step step) const {
    if (step == Step::kSilence) return !silenced;
    if (step == Step::kUnsilence) return silenced;
    return step != Step::kAcknowledge || fires;
  }
  void Take(Step step) {
    if (step == Step::kFire) fires = true;
    if (step == Step::kResolve) fires = false;
    if (step == Step::kSilence) silenced = true;
    if (step == Step::kUnsilence) silenced = false;
    if (silenced || fires == known) return;
    known = fires;
    told.push_back(fires);
  }
};

// One alert, on its way through a story.
class Play {
 public:
  explicit Play(FlapConfig flap) : fixture(flap) {}

  void Take(Step step) {
    switch (step) {
      case Step::kFire: fixture.Fire("a"); break;
      case Step::kResolve: fixture.Resolve("a"); break;
      case Step::kSilence: silence_ = fixture.AddSilence(SilenceOf("a")); break;
      case Step::kUnsilence: fixture.Expire(silence_); break;
      case Step::kAcknowledge: fixture.Acknowledge("a"); break;
      case Step::kRestart: fixture.Restart(); break;
    }
    model.Take(step);
  }

  [[nodiscard]] std::vector<bool> told() const {
    std::vector<bool> fires;
    for (const Notification& notification : fixture.told) {
      fires.push_back(notification.event.change == AlertChange::kFired);
    }
    return fires;
  }

  BookFixture fixture;
  Model model;

 private:
  std::uint64_t silence_ = 0;
};

// The story of this number; empty when it cannot be.
std::vector<Step> StoryOf(int number, int length) {
  std::vector<Step> story;
  Model model;
  for (int i = 0; i < length; ++i, number /= kSteps) {
    const auto step = static_cast<Step>(number % kSteps);
    if (!model.Can(step)) return {};
    model.Take(step);
    story.push_back(step);
  }
  return story;
}

int Stories(int length) {
  int stories = 1;
  for (int i = 0; i < length; ++i) stories *= kSteps;
  return stories;
}

TEST_CASE("in every short story operators are told the outcome, and never the same twice") {
  int played = 0;
  for (int length = 1; length <= kLongest; ++length) {
    for (int story = 0; story < Stories(length); ++story) {
      const auto steps = StoryOf(story, length);
      if (steps.empty()) continue;
      Play play(FlapConfig{.transitions = 0});
      for (const Step step : steps) play.Take(step);
      ++played;
      if (play.told() == play.model.told) continue;
      CAPTURE(length);
      CAPTURE(story);
      FAIL("told otherwise");
    }
  }
  CHECK(played > 10'000);
}

TEST_CASE("in every short story of one that may flap, the outcome is told in the end") {
  int damped = 0;
  for (int story = 0; story < Stories(kLongest - 1); ++story) {
    const auto steps = StoryOf(story, kLongest - 1);
    if (steps.empty()) continue;
    Play play(FlapConfig{.transitions = 3, .within = 10min, .hold = 15min});
    for (const Step step : steps) play.Take(step);
    if (play.model.Can(Step::kUnsilence)) play.Take(Step::kUnsilence);
    play.fixture.Advance(15min);
    const auto told = play.told();
    if (told.size() < play.model.told.size()) ++damped;
    // In turn, fired first.
    bool in_turn = true;
    for (std::size_t i = 0; i < told.size(); ++i) in_turn = in_turn && told[i] == (i % 2 == 0);
    if (in_turn && play.model.fires == (told.size() % 2 == 1)) continue;
    CAPTURE(story);
    FAIL("told otherwise");
  }
  CHECK(damped > 100);
}

}  // namespace
}  // namespace edgefeed
