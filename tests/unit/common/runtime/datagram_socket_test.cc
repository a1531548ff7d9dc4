#include "common/runtime/datagram_socket.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/runtime/strand.h"
#include "tests/support/datagram_sender.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

constexpr std::chrono::milliseconds kPatience{20'000};

struct DatagramFixture {
  ~DatagramFixture() { Close(); }

  Status OpenUdp(const Endpoint& endpoint = {"127.0.0.1", 0}) {
    return Open([&] { return DatagramSocket::OpenUdp(strand, endpoint, Taker()); });
  }
  Status OpenUnix() {
    return Open([&] { return DatagramSocket::OpenUnix(strand, path, Taker()); });
  }
  void Close() {
    RunOn(strand, [&] { socket.reset(); });
  }
  [[nodiscard]] std::uint64_t Lost() {
    std::uint64_t lost = 0;
    RunOn(strand, [&] { lost = socket->lost(); });
    return lost;
  }
  // Waits until this has come.
  bool Await(const std::string& datagram) {
    std::unique_lock lock(mutex);
    return came.wait_for(lock, kPatience,
                         [&] { return std::ranges::find(datagrams, datagram) != datagrams.end(); });
  }

  SystemClock clock;
  Strand strand{"datagrams", clock};
  TempDir directory;
  std::filesystem::path path = directory.path() / "app.sock";
  std::mutex mutex;
  std::condition_variable came;
  std::vector<std::string> datagrams;
  std::size_t cut = 0;
  std::unique_ptr<DatagramSocket> socket;

 private:
  DatagramSocket::OnDatagram Taker() {
    return [this](const DatagramSocket::Datagram& datagram) {
      const std::lock_guard lock(mutex);
      datagrams.emplace_back(datagram.bytes);
      cut += datagram.cut;
      came.notify_all();
    };
  }
  template <typename Opener>
  Status Open(Opener opener) {
    Status opened;
    RunOn(strand, [&] {
      auto made = opener();
      if (!made) {
        opened = made.error();
      } else {
        socket = std::move(*made);
      }
    });
    return opened;
  }
};

TEST_CASE_FIXTURE(DatagramFixture, "what is sent to the port comes, each by itself") {
  REQUIRE(OpenUdp());
  DatagramSender sender(socket->port());
  for (int i = 0; i < 100; ++i) REQUIRE(sender.Send(std::to_string(i)));
  CHECK(Await("99"));
  CHECK(datagrams.size() == 100);
  REQUIRE(sender.Send(""));
  CHECK(Await(""));
}

TEST_CASE_FIXTURE(DatagramFixture,
                  "a host may be localhost or IPv6, and a name that is no address fails") {
  CHECK(OpenUdp({"localhost", 0}));
  CHECK(OpenUdp({"::1", 0}));
  CHECK(OpenUdp({"nowhere.invalid", 0}).error().code == Code::kInvalidArgument);
}

TEST_CASE_FIXTURE(DatagramFixture, "a port that another has is an error that names it") {
  REQUIRE(OpenUdp());
  DatagramFixture second;
  const Status failed = second.OpenUdp({"127.0.0.1", socket->port()});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find(std::to_string(socket->port())) != std::string::npos);
}

TEST_CASE_FIXTURE(DatagramFixture, "a long one comes without its end, and that is told") {
  REQUIRE(OpenUdp());
  DatagramSender sender(socket->port());
  REQUIRE(sender.Send(std::string(DatagramSocket::kMostBytes, 'x')));
  CHECK(Await(std::string(DatagramSocket::kMostBytes, 'x')));
  CHECK(cut == 0);
  REQUIRE(sender.Send(std::string(DatagramSocket::kMostBytes + 100, 'y')));
  CHECK(Await(std::string(DatagramSocket::kMostBytes, 'y')));
  CHECK(cut == 100);
}

// An emulator does not pass on what the kernel tells beside a datagram.
TEST_CASE_FIXTURE(DatagramFixture, "what the kernel has no room for is counted" *
                                       doctest::test_suite("real_kernel")) {
  REQUIRE(OpenUdp());
  DatagramSender sender(socket->port());
  std::latch release(1);
  strand.Post([&] { release.wait(); });
  const std::string large(8000, 'x');
  constexpr std::uint64_t kSent = 1000;  // 8 MB: more than a socket's buffer.
  for (std::uint64_t i = 0; i < kSent; ++i) sender.Send(large);
  release.count_down();
  REQUIRE(Await(large));
  // The next one that finds room says how many did not.
  while (Lost() == 0) {
    sender.Send("after");
    REQUIRE(Await("after"));
  }
  const std::lock_guard lock(mutex);
  CHECK(static_cast<std::uint64_t>(std::ranges::count(datagrams, large)) + socket->lost() == kSent);
}

TEST_CASE_FIXTURE(DatagramFixture, "others who use the strand have their turn in a flood") {
  REQUIRE(OpenUdp());
  const std::uint16_t port = socket->port();
  std::jthread flood([port](const std::stop_token& stop) {
    DatagramSender sender(port);
    while (!stop.stop_requested()) sender.Send("x");
  });
  REQUIRE(Await("x"));
  for (int i = 0; i < 100; ++i) RunOn(strand, [] {});
  CHECK(flood.joinable());
}

TEST_CASE_FIXTURE(DatagramFixture,
                  "a socket in the file system is for everybody, and goes with it") {
  REQUIRE(OpenUnix());
  struct stat file{};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0666U);
  DatagramSender sender(path);
  // More than the kernel holds: the sender waits.
  for (int i = 0; i < 2000; ++i) REQUIRE(sender.Send(std::to_string(i)));
  CHECK(Await("1999"));
  CHECK(datagrams.size() == 2000);
  Close();
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(sender.Send("late"));
}

TEST_CASE_FIXTURE(DatagramFixture, "a socket that a killed process left is replaced") {
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto address = MakeUnixAddress(path);
    REQUIRE(::bind(dead.get(), address->get(), address->size) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  REQUIRE(OpenUnix());
  CHECK(DatagramSender(path).Send("x"));
  CHECK(Await("x"));
}

TEST_CASE_FIXTURE(DatagramFixture, "what is no socket, or another's, is left alone") {
  std::ofstream(path) << "precious";
  CHECK(OpenUnix().error().code == Code::kAlreadyExists);
  CHECK(std::filesystem::file_size(path) == 8);
  std::filesystem::remove(path);

  REQUIRE(OpenUnix());
  DatagramFixture second;
  second.path = path;
  CHECK(second.OpenUnix().error().code == Code::kAlreadyExists);
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto other = directory.path() / "stream.sock";
  const auto address = MakeUnixAddress(other);
  REQUIRE(::bind(listener.get(), address->get(), address->size) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  second.path = other;
  CHECK(second.OpenUnix().error().code == Code::kAlreadyExists);
  CHECK(DatagramSender(path).Send("x"));
  CHECK(Await("x"));
}

}  // namespace
}  // namespace edgefeed
