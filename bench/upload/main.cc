// bench-upload: how fast a dump goes from the agent to a collector, and how fast the parts of that
// are by themselves on this machine: the stream, the digest, the disk.

#include <spdlog/spdlog.h>
#include <sys/types.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>

#include "bench/support/json_line.h"
#include "bench/support/process_usage.h"
#include "bench/upload/agent_upload.h"
#include "bench/upload/parts.h"
#include "bench/upload/test_file.h"

namespace edgefeed::bench {
namespace {

struct Options {
  std::string target;
  std::string floor;
  std::string directory;
  std::uint64_t size_mib = 128;
  pid_t collector = 0;
};

double MibPerSecond(Bytes size, Seconds took) {
  return static_cast<double>(size.count) / static_cast<double>(1 << 20) / took.count();
}

// Of both sides.
Result<Seconds> CpuTimeUsed(pid_t collector) {
  const auto there = CpuTime(collector);
  if (!there) return there.error();
  const auto here = CpuTime(::getpid());
  if (!here) return here.error();
  return Seconds(*there + *here);
}

Status Run(const Options& options) {
  const auto collector = ParseEndpoint(options.target);
  if (!collector) return collector.error();
  std::filesystem::create_directories(options.directory);
  const auto file = TestFile::Create(options.directory, MiB(options.size_mib));
  if (!file) return file.error();
  const auto raw = SendRaw(options.floor, *file);
  if (!raw) return raw.error().Wrap("raw stream");
  const auto cpu_before = CpuTimeUsed(options.collector);
  if (!cpu_before) return cpu_before.error();
  const auto agent = UploadAsAgent(*collector, *file);
  if (!agent) return agent.error().Wrap("upload");
  const auto cpu_after = CpuTimeUsed(options.collector);
  if (!cpu_after) return cpu_after.error();
  const auto hash = Hash(*file);
  if (!hash) return hash.error().Wrap("hash");
  const auto sink = Sink(options.directory, *file);
  if (!sink) return sink.error().Wrap("sink");
  const Seconds slowest = std::max({*raw, *hash, *sink});
  JsonLine()
      .Add("mib", options.size_mib)
      .Add("upload_mib_per_second", MibPerSecond(file->size(), *agent))
      .Add("raw_mib_per_second", MibPerSecond(file->size(), *raw))
      .Add("sha256_mib_per_second", MibPerSecond(file->size(), *hash))
      .Add("sink_mib_per_second", MibPerSecond(file->size(), *sink))
      .Add("cores", (*cpu_after - *cpu_before) / *agent)
      .Add("ratio", slowest / *agent)
      .Print();
  return {};
}

int Main(int argc, char** argv) {
  CLI::App app("Uploads a file as the agent does, and measures what it is made of.",
               "bench-upload");
  Options options;
  app.add_option("--target", options.target, "The collector, host:port")->required();
  app.add_option("--floor", options.floor, "bench-floor, host:port")->required();
  app.add_option("--directory", options.directory, "On the file system that the collector uses")
      ->required();
  app.add_option("--size-mib", options.size_mib, "How much to upload")->capture_default_str();
  app.add_option("--server-pid", options.collector, "Whose CPU time is counted")->required();
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);  // Standard output is for the result.
  if (const Status done = Run(options); !done) {
    std::cerr << "bench-upload: " << done.error().message << '\n';
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) { return edgefeed::bench::Main(argc, argv); }
