// How much of the line an upload takes, and when.

#include <doctest/doctest.h>

#include "tests/unit/agent/upload/upload_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kGrid = 65'536;

// Lets chunks out as fast as they come for a time, to a collector that keeps all of them.
void LetTimePass(UploadFixture& f, std::chrono::milliseconds time) {
  for (; time > 0ms; time -= 1ms) {
    f.net.LetSendAll();
    const bool answers = !f.net.said.empty() && f.net.said.back() == "half-close";
    if (answers)
      f.Answer(f.Incomplete(f.net.chunks.back().offset + f.net.chunks.back().data.size()));
    f.scheduler.Advance(1ms);
  }
}

TEST_CASE("the rate is kept within 5 % over 10 s, and used in full") {
  for (const std::uint64_t rate : {20'000, 1 << 20, 4 << 20}) {
    CAPTURE(rate);
    UploadFixture f({.rate = {rate}});
    f.StartWith(Content(rate * 15));
    f.Answer(f.Incomplete(0));
    LetTimePass(f, 1s);
    const std::size_t before = f.net.TakeBytes().size();

    LetTimePass(f, 10s);

    const std::size_t sent = f.net.TakeBytes().size();
    CHECK(static_cast<double>(before) <= 1.5 * static_cast<double>(rate));
    CHECK(static_cast<double>(sent) <= 10.5 * static_cast<double>(rate));
    CHECK(static_cast<double>(sent) >= 9.5 * static_cast<double>(rate));
  }
}

TEST_CASE("without a rate nothing waits") {
  UploadFixture f({.rate = {0}});
  f.StartWith(Content(10 * kMiB));
  f.Answer(f.Incomplete(0));

  f.net.LetSendAll();

  CHECK(f.net.TakeBytes() == f.bytes);
}

TEST_CASE("a segment ends after a minute, so that what has arrived is safe") {
  UploadFixture f({.rate = {20'000}});
  f.StartWith(Content(10 * kMiB));
  f.Answer(f.Incomplete(0));
  f.net.Take();

  LetTimePass(f, 58s);
  CHECK(f.net.Take().empty());
  LetTimePass(f, 3s);

  CHECK(f.net.Take() == Lines{"half-close", "segment a 7"});
}

TEST_CASE("an upload ends its segment when something more urgent comes, and goes on after it") {
  UploadFixture f;
  f.StartWith(Content(20 * kGrid));
  f.Answer(f.Incomplete(0));
  f.net.LetSend();
  f.net.LetSend();
  f.net.Take();

  f.uploader.Pause();
  f.net.LetSend();
  CHECK(f.net.Take() == Lines{"half-close"});
  CHECK(f.net.TakeBytes().size() == 3 * kGrid);
  f.Answer(f.Incomplete(3 * kGrid));
  f.scheduler.Advance(1h);
  CHECK(f.net.Take().empty());
  f.uploader.Resume();
  f.net.LetSendAll();

  CHECK(f.net.Take() == Lines{"segment a 7", "half-close"});
  CHECK(f.net.TakeBytes() == f.bytes.substr(3 * kGrid));
}

TEST_CASE("a paused segment is not ended before the collector can keep something of it") {
  UploadFixture f;
  f.StartWith(Content(20 * kGrid));
  UploadReport begun = f.Incomplete(0);
  begun.chunk_bytes = 20'000;
  f.Answer(begun);
  f.net.Take();

  f.uploader.Pause();
  f.net.LetSendAll();

  CHECK(f.net.Take() == Lines{"half-close"});
  CHECK(f.net.TakeBytes().size() == 80'000);
}

TEST_CASE("nothing new begins while it is paused") {
  UploadFixture f;
  f.uploader.Pause();
  f.StartWith("bytes");
  f.queue.Arrive("b", "");
  f.scheduler.Advance(1h);
  CHECK(f.queue.Take().empty());

  f.uploader.Resume();

  CHECK(f.queue.Take() == Lines{"begin a"});
}

TEST_CASE("a whole file waits in the middle") {
  UploadFixture f;
  f.StartWith(Content(20 * kGrid));
  f.Answer(Error{Code::kUnimplemented, "what?"});
  f.net.Take();

  f.uploader.Pause();
  f.net.LetSendAll();
  f.scheduler.Advance(1h);
  CHECK(f.net.chunks.size() == 1);
  f.uploader.Resume();
  f.net.LetSendAll();

  CHECK(f.net.Take() == Lines{"half-close"});
  CHECK(f.net.TakeBytes() == f.bytes);
}

TEST_CASE("over a metered link only descriptions go") {
  UploadFixture f({.allowed = DumpsAllowed::kDescriptions});
  f.StartWith("bytes");
  CHECK(f.queue.Take().empty());

  f.queue.Arrive("b", "");

  CHECK(f.queue.Take() == Lines{"begin b"});
}

TEST_CASE("the first attempt comes at a random moment of what is allowed for it") {
  std::chrono::milliseconds least{1h};
  std::chrono::milliseconds most{0};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    UploadFixture f({.first_wait = 60s, .seed = seed});
    f.StartWith("bytes");
    std::chrono::milliseconds waited{0};
    for (; f.queue.events.empty(); waited += 100ms) f.scheduler.Advance(100ms);
    least = std::min(least, waited);
    most = std::max(most, waited);
  }
  CHECK(least < 10s);
  CHECK(most > 50s);
  CHECK(most <= 60s);
}

}  // namespace
}  // namespace edgefeed
