#include "common/runtime/answer_socket.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>
#include <vector>

#include "common/base/clock.h"
#include "common/base/unique_fd.h"
#include "common/runtime/strand.h"
#include "common/runtime/unix_address.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kPatience{20'000};
// More than the kernel holds for a client that does not read.
constexpr std::size_t kLarge = 4'000'000;

struct AnswerFixture {
  ~AnswerFixture() { Close(); }
  Status Open() {
    Status opened;
    RunOn(strand, [&] {
      auto made = AnswerSocket::Open(strand, path, [this] {
        ++asked;
        return answer;
      });
      if (!made) {
        opened = made.error();
      } else {
        socket = std::move(*made);
      }
    });
    return opened;
  }
  void Close() {
    RunOn(strand, [&] { socket.reset(); });
  }
  // Somebody who connects and reads nothing.
  [[nodiscard]] UniqueFd Connect() const {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = MakeUnixAddress(path);
    REQUIRE(::connect(fd.get(), address->get(), address->size) == 0);
    return fd;
  }

  SystemClock clock;
  Strand strand{"answers", clock};
  TempDir directory;
  std::filesystem::path path = directory.path() / "status.sock";
  std::string answer = "all is well\n";
  int asked = 0;
  std::unique_ptr<AnswerSocket> socket;
};

TEST_CASE_FIXTURE(AnswerFixture, "who connects gets the text as of now, and the end") {
  REQUIRE(Open());
  for (const std::string text : {"first", "second", ""}) {
    RunOn(strand, [&] { answer = text; });
    const auto got = AskSocket(path, kPatience);
    REQUIRE(got);
    CHECK(*got == text);
  }
  const std::string large(kLarge, 'x');
  RunOn(strand, [&] { answer = large; });
  const auto got = AskSocket(path, kPatience);
  REQUIRE(got);
  CHECK(*got == large);
}

TEST_CASE_FIXTURE(AnswerFixture, "the socket is for its owner and its group, and goes with it") {
  REQUIRE(Open());
  struct stat file{};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0660U);
  Close();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE_FIXTURE(AnswerFixture, "a socket that a killed process left is replaced") {
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = MakeUnixAddress(path);
    REQUIRE(::bind(dead.get(), address->get(), address->size) == 0);
    REQUIRE(::listen(dead.get(), 1) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK(AskSocket(path, kPatience).error().code == Code::kNotFound);
  REQUIRE(Open());
  CHECK(AskSocket(path, kPatience));
}

TEST_CASE_FIXTURE(AnswerFixture, "what is no socket, or another's, is left alone") {
  std::ofstream(path) << "precious";
  CHECK(Open().error().code == Code::kAlreadyExists);
  CHECK(std::filesystem::file_size(path) == 8);
  std::filesystem::remove(path);

  REQUIRE(Open());
  AnswerFixture second;
  second.path = path;
  CHECK(second.Open().error().code == Code::kAlreadyExists);
  second.Close();
  CHECK(AskSocket(path, kPatience));
}

TEST_CASE_FIXTURE(AnswerFixture, "who does not read is hung up on, and the others get theirs") {
  answer = std::string(kLarge, 'x');
  REQUIRE(Open());
  std::vector<UniqueFd> readers_of_nothing;
  for (std::size_t i = 0; i < AnswerSocket::kMostClients + 3; ++i) {
    readers_of_nothing.push_back(Connect());
  }
  const auto got = AskSocket(path, kPatience);
  REQUIRE(got);
  CHECK(got->size() == kLarge);
  RunOn(strand, [&] { CHECK(asked == AnswerSocket::kMostClients + 4); });
}

TEST_CASE_FIXTURE(AnswerFixture, "who goes away at once, or says something, changes nothing") {
  REQUIRE(Open());
  for (int i = 0; i < 100; ++i) {
    const UniqueFd client = Connect();
    static_cast<void>(::send(client.get(), "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL));
  }
  CHECK(AskSocket(path, kPatience));
}

TEST_CASE_FIXTURE(AnswerFixture, "it may be destroyed while somebody does not read") {
  answer = std::string(kLarge, 'x');
  REQUIRE(Open());
  const UniqueFd client = Connect();
  while (true) {
    int so_far = 0;
    RunOn(strand, [&] { so_far = asked; });
    if (so_far == 1) break;
  }
  Close();
  CHECK(AskSocket(path, kPatience).error().code == Code::kNotFound);
}

TEST_CASE_FIXTURE(AnswerFixture, "a server that hangs is a deadline, not for ever") {
  const UniqueFd deaf(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = MakeUnixAddress(path);
  REQUIRE(::bind(deaf.get(), address->get(), address->size) == 0);
  REQUIRE(::listen(deaf.get(), 1) == 0);
  CHECK(AskSocket(path, 50ms).error().code == Code::kDeadlineExceeded);
}

TEST_CASE("a path that is too long is said so") {
  const std::filesystem::path longest = "/" + std::string(kMaxSocketPath - 1, 'x');
  CHECK(MakeUnixAddress(longest));
  CHECK_FALSE(MakeUnixAddress(longest.string() + "x"));
}

}  // namespace
}  // namespace edgefeed
