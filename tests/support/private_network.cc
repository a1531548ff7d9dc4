#include "tests/support/private_network.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <sstream>
#include <thread>
#include <utility>

#include "tests/support/program.h"

namespace edgefeed {
namespace {

constexpr std::size_t kCreator = 0;  // Its number at the switch; the hosts' are 1, 2 …

UniqueFd CurrentNetwork() {
  return UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

std::string Ip(std::size_t number) {
  return "10.77." + std::to_string(number / 200) + "." + std::to_string(number % 200 + 1);
}

std::string Mac(std::size_t number) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "02:77:00:00:%02zx:%02zx", number / 256 % 256,
                number % 256);
  return text.data();
}

std::string Port(std::size_t number) { return "port" + std::to_string(number); }

// Runs a program with these words.
void Run(const std::string& program, const std::string& words, int network) {
  std::istringstream stream(words);
  std::vector<std::string> arguments;
  for (std::string word; stream >> word;) arguments.push_back(word);
  Program running({.program = program, .arguments = std::move(arguments), .network = network});
  const auto status = running.Wait(std::chrono::seconds(60));
  INFO(program, " ", words, ": ", running.Output(Stream::kStderr));
  REQUIRE(status == 0);
}

void Configure(const std::string& words, int network = ProgramSpec::kOwnNetwork) {
  Run("/sbin/ip", words, network);
}

// Who never asks where somebody is does not learn that he cannot be found.
void Introduce(std::size_t number, const std::string& device, int network) {
  Configure(
      "neigh replace " + Ip(number) + " lladdr " + Mac(number) + " nud permanent dev " + device,
      network);
}

}  // namespace

Result<std::unique_ptr<PrivateNetwork>> PrivateNetwork::Create() {
  UniqueFd before = CurrentNetwork();
  if (::unshare(CLONE_NEWNET) != 0) return ErrnoError("a network of its own", errno);
  std::unique_ptr<PrivateNetwork> network(new PrivateNetwork(std::move(before), Ip(kCreator)));
  Configure("link set lo up");
  Configure("link add lan address " + Mac(kCreator) + " type bridge");
  Configure("addr add " + Ip(kCreator) + "/16 dev lan");
  Configure("link set lan up");
  // The switch keeps its carrier when every host is cut.
  Configure("link add spare type veth peer name spare-end");
  Configure("link set spare-end up");
  Configure("link set spare master lan up");
  return network;
}

PrivateNetwork::~PrivateNetwork() { ::setns(before_.get(), CLONE_NEWNET); }

std::size_t PrivateNetwork::AddHost() {
  UniqueFd made;
  std::thread([&made] {
    if (::unshare(CLONE_NEWNET) == 0) made = CurrentNetwork();
  }).join();
  REQUIRE(made.valid());
  const int network = hosts_.emplace_back(std::move(made)).get();
  const std::size_t number = hosts_.size();
  Configure("link add " + Port(number) + " type veth peer name eth0 address " + Mac(number) +
            " netns /proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(network));
  Configure("link set " + Port(number) + " master lan up");
  Introduce(number, "lan", ProgramSpec::kOwnNetwork);
  Configure("link set lo up", network);
  Configure("link set eth0 up", network);
  Configure("addr add " + Ip(number) + "/16 dev eth0", network);
  Introduce(kCreator, "eth0", network);
  return number - 1;
}

void PrivateNetwork::Cut(std::size_t host) const { SetPort(host, "nomaster"); }

void PrivateNetwork::Heal(std::size_t host) const { SetPort(host, "master lan"); }

void PrivateNetwork::Narrow(std::size_t host, std::uint32_t kilobits_per_second) const {
  Run("/sbin/tc",
      "qdisc replace dev eth0 root tbf rate " + std::to_string(kilobits_per_second) +
          "kbit burst 16kb latency 400ms",
      network_of(host));
}

void PrivateNetwork::SetPort(std::size_t host, const std::string& words) const {
  REQUIRE(host < hosts_.size());
  Configure("link set " + Port(host + 1) + " " + words);
}

}  // namespace edgefeed
